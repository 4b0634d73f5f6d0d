"""What becomes of a record: exactly one fate, counted, so that the books balance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.vocabulary.place import Place


class Fate(StrEnum):
    """Where a record ends. Every record that was received ends in exactly one of these."""

    DELIVERED = "delivered"
    UNCHANGED = "unchanged"
    """The destination already has it with the same content, from an earlier parcel."""
    DUPLICATE = "duplicate"
    """The same record with the same content, again in this parcel."""
    UNREADABLE = "unreadable"
    REJECTED = "rejected"
    """Read, but it cannot become a record of the contract."""
    WITHHELD = "withheld"
    """Good, but it may not go: purpose, consent, or outside the connector's declared scope."""
    REFUSED = "refused"
    """The destination said no to this record."""
    UNKNOWN = "unknown"
    """Sent, without a usable answer: sent again only with the same key."""


SET_ASIDE = (Fate.UNREADABLE, Fate.REJECTED, Fate.WITHHELD, Fate.REFUSED, Fate.UNKNOWN)


@dataclass(slots=True)
class SetAside:
    """A record that does not go on, with its reason. Holds no value of the record, only its shape.

    Nobody changes it; it is not frozen because a night may make a million, and a frozen one takes six times as long.
    """

    fate: Fate
    reason: str
    """A code of `vocabulary.reasons`."""
    place: Place
    row: int | None = None
    """Index in the batch's `TextTable`; None when the row never became one."""
    raw: str | None = field(default=None, repr=False)
    """The text as received, for a span that could not be read. Only the sealed quarantine ever keeps it."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Words for the reason's sentence: expected shapes, bounds, our own codes. Never a value of the record."""
    contract: str = ""
    kept: bool = True
    """False when the record need not be kept in quarantine (outside the connector's declared scope)."""


@dataclass(frozen=True, slots=True)
class RowWarning:
    """Something doubtful that does not stop a record. Counted by code and place, never a reason to refuse."""

    reason: str
    place: Place
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a destination says of one record."""

    fate: Fate
    """DELIVERED, REFUSED or UNKNOWN."""
    reason: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    remote_id: str = ""
    """The destination's own id for the record, where it gives one."""
    unmapped: tuple[str, ...] = ()
    """Fields of values that the destination's form has no place for, one entry a value; counted for DELIVERED only."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The books of a batch, parcel, run or day: what came in, and how each record ended."""

    received: int = 0
    fates: Mapping[Fate, int] = field(default_factory=dict)
    withheld_values: int = 0
    """Values that the flow's purpose does not need and that were therefore not delivered."""
    warnings: int = 0

    @classmethod
    def of(cls, received: int, fates: Iterable[Fate], *, withheld_values: int = 0, warnings: int = 0) -> Balance:
        """Count fates."""
        return cls(received, dict(Counter(fates)), withheld_values, warnings)

    @property
    def adds_up(self) -> bool:
        """Say whether every record received has exactly one fate."""
        return self.received == sum(self.fates.values())

    @property
    def aside(self) -> int:
        """Count the records that did not reach the destination and are not already there."""
        return sum(self.fates.get(fate, 0) for fate in SET_ASIDE)

    def __add__(self, other: Balance) -> Balance:
        """Add two books."""
        fates = Counter(self.fates)
        fates.update(other.fates)
        return Balance(
            self.received + other.received,
            dict(fates),
            self.withheld_values + other.withheld_values,
            self.warnings + other.warnings,
        )
