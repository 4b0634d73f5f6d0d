"""The settlement of a batch, which the journal writes in one transaction, and its parts."""

from __future__ import annotations

from dataclasses import field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import polars as pl

    from passerelle.vocabulary.outcomes import Balance, SetAside
    from passerelle.vocabulary.parcels import BatchKey
    from passerelle.vocabulary.shelf import RemovalCause

WARNING = "warning"
"""Stands in place of a fate where a reason only warned."""


class QuarantineState(StrEnum):
    """The state of a quarantined item. The last four are final, and their payload is destroyed."""

    WAITING = "waiting"
    REPLAYING = "replaying"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """A newer parcel brought the same item again: one copy is enough."""


@dataclass(slots=True)
class QuarantineItem:
    """A record to be put into quarantine. Not frozen, for the reason given at `SetAside`."""

    aside: SetAside
    payload: bytes = field(repr=False)
    """In clear here; sealed when it is written."""
    expires_at: datetime
    likeness: str = field(default="", repr=False)
    """Identifies the same item in an earlier parcel, whatever its line; empty when nothing does."""


@dataclass(frozen=True, slots=True)
class ReasonKey:
    """The key by which reasons are counted. Member and column are the supplier's own names, never a value."""

    contract: str
    member: str
    code: str
    column: str
    field: str
    fate: str
    """A `Fate`, or WARNING."""


@dataclass(frozen=True, slots=True)
class DeliveredRecords:
    """Records of one contract that a batch delivered, in the order of their delivery."""

    contract: str
    ref_keys: bytes
    """Keyed pseudonyms of the refs, concatenated."""
    contents: bytes
    """Keyed pseudonyms of the content digests, concatenated likewise."""
    versions: Sequence[int]
    remote_ids: Sequence[str] = ()
    """The destination's own ids, sealed when written; the sequence is empty when it gave none at all."""
    moments: bytes = b""
    """When each state was made: microseconds since 1970 as little-endian 64-bit integers, 0 where nothing says it;
    empty when nothing orders the states of this contract."""
    subjects: pl.DataFrame | None = field(default=None, repr=False, compare=False)
    """Whom they are about, as `subjects.SCHEMA`, a row a record, sealed when written; None when they name nobody."""

    def list_keys(self) -> list[bytes]:
        """Return the pseudonyms of the refs, one by one."""
        size = len(self.ref_keys) // max(len(self.versions), 1)
        return [self.ref_keys[start : start + size] for start in range(0, len(self.ref_keys), size or 1)]


@dataclass(frozen=True, slots=True)
class ShelfEntries:
    """Records of one contract that go on the shelf, or are removed from it, in the order of their delivery."""

    contract: str
    purpose: str
    ref_keys: bytes = field(repr=False)
    """The journal's pseudonyms of the refs, concatenated."""
    refs: Sequence[str] = field(repr=False)
    versions: Sequence[int]
    records: Sequence[bytes] = field(default=(), repr=False)
    """In canonical form, without line ends; empty where records are removed."""
    cause: RemovalCause | None = None
    """Why they are removed; None: they are there."""

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self.versions)

    def select(self, places: Sequence[int]) -> ShelfEntries:
        """Return the entries at these places, in their order."""
        size = len(self.ref_keys) // max(len(self), 1)
        return replace(
            self,
            ref_keys=b"".join(self.ref_keys[place * size : (place + 1) * size] for place in places),
            refs=[self.refs[place] for place in places],
            versions=[self.versions[place] for place in places],
            records=[self.records[place] for place in places] if self.records else (),
        )


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """What the journal knows of a record that the destination has."""

    content: bytes
    version: int
    parcel: str
    """Digest of the parcel that brought this content."""
    remote_id: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """Everything that is written together, in one transaction, when a batch is done."""

    flow: str
    run: int
    batch: BatchKey
    balance: Balance
    at: datetime
    reasons: Mapping[ReasonKey, int] = field(default_factory=dict)
    quarantined: tuple[QuarantineItem, ...] = ()
    delivered: tuple[DeliveredRecords, ...] = ()
    """What the destination has by now; also what it deleted, whose content is `known.WITHDRAWN`."""
    forgotten: tuple[tuple[str, tuple[bytes, ...]], ...] = ()
    """By contract: ref keys of deleted records whose remote ids are forgotten."""
    shelved: tuple[ShelfEntries, ...] = field(default=(), repr=False)
    """What goes on the shelf of the flow, or off it; empty where it has none."""
    columns: tuple[str, ...] = ()
    """Columns of `member` that feed fields and that the flow had not met before."""
    member: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing came in, and nothing is to be said of it: it may be settled with a later batch."""
        written = (self.reasons, self.quarantined, self.delivered, self.forgotten)
        balance = self.balance
        return not (balance.received or balance.vanished or balance.withdrawn or any(written))


@dataclass(frozen=True, slots=True)
class WholeClosing:
    """What is written with the closing of a whole export: the list that counts from now on, and what vanished."""

    list_digest: str
    """Empty: the one before stays."""
    settlement: Settlement | None = None
    """A batch of its own behind the last one, which received nothing; None when there is nothing to say."""
