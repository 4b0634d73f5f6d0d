"""The fates of records and their counts: every record has exactly one fate, so the counts add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.vocabulary.place import Place


class Fate(StrEnum):
    """The end of a record: every record received has exactly one of these."""

    DELIVERED = "delivered"
    """The destination accepted it."""
    UNCHANGED = "unchanged"
    """The destination already has it with the same content, from an earlier parcel."""
    DUPLICATE = "duplicate"
    """The same record with the same content, again in this parcel."""
    UNREADABLE = "unreadable"
    """It could not be read as a row of the supplier's format."""
    REJECTED = "rejected"
    """It was read, but cannot become a valid record of the contract."""
    WITHHELD = "withheld"
    """Valid, but it may not be delivered: purpose, consent, or outside the connector's declared scope."""
    REFUSED = "refused"
    """The destination refused this record."""
    UNKNOWN = "unknown"
    """Sent, but no usable answer came: it may only be sent again with the same key."""


# Unchanged and duplicate records are at the destination: nothing is left to do for them.
SET_ASIDE = (Fate.UNREADABLE, Fate.REJECTED, Fate.WITHHELD, Fate.REFUSED, Fate.UNKNOWN)


@dataclass(slots=True)
class SetAside:
    """A record that is not delivered, with its reason. Contains no value of the record except `raw`.

    Treated as immutable. Not frozen, because a run may create a million and a frozen one takes six times as long.
    """

    fate: Fate
    reason: str
    """A code of `vocabulary.reasons`."""
    place: Place
    row: int | None = None
    """Index of the row in the `TextTable` of its batch; None for a span that did not become a row."""
    raw: str | None = field(default=None, repr=False)
    """The text as received, for a span that could not be read. Only the sealed quarantine stores it."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the reason's sentence: expected formats, bounds, our own codes. Never a value of the record."""
    contract: str = ""
    needs_quarantine: bool = True
    """Whether the record is put into quarantine: not when it is outside the connector's declared scope."""


@dataclass(frozen=True, slots=True)
class RowWarning:
    """A warning about a record that is delivered all the same. Warnings are counted by code and place."""

    reason: str
    place: Place
    details: Mapping[str, str] = field(default_factory=dict)
    contract: str = ""
    """The contract of the record; empty for rows of none, and where one flow alone reads them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a destination about one record."""

    fate: Fate
    """DELIVERED, REFUSED or UNKNOWN."""
    reason: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    remote_id: str = ""
    """The destination's own id of the record; empty when it gives none."""
    unmapped: tuple[str, ...] = ()
    """Fields whose values the destination cannot hold, one entry per value; counted for DELIVERED only."""
    version: int = 0
    """The version that was really written, where the destination was ahead of the one asked for. 0: as asked."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of a batch, parcel, run or day: records received, and records per fate."""

    received: int = 0
    fates: Mapping[Fate, int] = field(default_factory=dict)
    withheld_values: int = 0
    """Number of values left out of delivered records, because the purpose of the flow does not need them."""
    warnings: int = 0
    vanished: int = 0
    """Records of the earlier whole export that this one no longer holds, and deletions that the supplier announced."""
    withdrawn: int = 0
    """Deletions that the destination took."""

    @classmethod
    def of(cls, received: int, fates: Iterable[Fate], *, withheld_values: int = 0, warnings: int = 0) -> Balance:
        """Return a balance that counts these fates."""
        return cls(received, dict(Counter(fates)), withheld_values, warnings)

    @property
    def adds_up(self) -> bool:
        """Whether the fates add up to the records received."""
        return self.received == sum(self.fates.values())

    @property
    def aside(self) -> int:
        """Number of records set aside: not delivered, and not at the destination already."""
        return sum(self.fates.get(fate, 0) for fate in SET_ASIDE)

    def __add__(self, other: Balance) -> Balance:
        """Return the sum of two balances."""
        fates = Counter(self.fates)
        # Not `+`, which leaves out what counts zero.
        fates.update(other.fates)
        return Balance(
            self.received + other.received,
            dict(fates),
            self.withheld_values + other.withheld_values,
            self.warnings + other.warnings,
            self.vanished + other.vanished,
            self.withdrawn + other.withdrawn,
        )
