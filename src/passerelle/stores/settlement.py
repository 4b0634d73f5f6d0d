"""What settling a batch writes in one go, and what the journal remembers of delivered records."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.vocabulary.outcomes import Balance, SetAside
    from passerelle.vocabulary.parcels import BatchKey

WARNING = "warning"
"""What stands for a fate where a reason only warned."""


class QuarantineState(StrEnum):
    """Where a quarantined item stands. The last four are for ever, and their payload is gone."""

    WAITING = "waiting"
    REPLAYING = "replaying"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """A newer export brought the same again: one copy is enough."""


@dataclass(slots=True)
class QuarantineItem:
    """A record on its way into quarantine. Not frozen, for the reason that `SetAside` gives."""

    aside: SetAside
    payload: bytes = field(repr=False)
    """In clear; sealed on write."""
    expires_at: datetime
    likeness: str = field(default="", repr=False)
    """What makes it the same as an item of an earlier export, whatever its line; empty: nothing does."""


@dataclass(frozen=True, slots=True)
class ReasonKey:
    """What counts of reasons are grouped by. Member, column: the supplier's own schema words, never a value."""

    contract: str
    member: str
    code: str
    column: str
    field: str
    fate: str
    """A `Fate`, or WARNING."""


@dataclass(frozen=True, slots=True)
class DeliveredRecords:
    """Records of one contract that the destination now has, in the order of their delivery."""

    contract: str
    ref_keys: bytes
    """Keyed pseudonyms of the refs, one after the other."""
    contents: bytes
    """Digests of the contents delivered, likewise."""
    versions: Sequence[int]
    remote_ids: Sequence[str] = ()
    """The destination's own ids, sealed on write; empty when it gave none at all."""

    def list_keys(self) -> list[bytes]:
        """Give the pseudonyms one by one."""
        size = len(self.ref_keys) // max(len(self.versions), 1)
        return [self.ref_keys[start : start + size] for start in range(0, len(self.ref_keys), size or 1)]


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """What is remembered of a record that the destination has."""

    content: bytes
    version: int
    parcel: str
    """Digest of the parcel that brought this content."""
    remote_id: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """Everything that becomes true together when a batch is done."""

    flow: str
    run: int
    batch: BatchKey
    balance: Balance
    at: datetime
    reasons: Mapping[ReasonKey, int] = field(default_factory=dict)
    quarantined: tuple[QuarantineItem, ...] = ()
    known: tuple[DeliveredRecords, ...] = ()
