"""Deletions on their way to a destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.vocabulary.parcels import BatchKey


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Records of one contract to be deleted at a destination. All sequences have one entry per record."""

    flow: str
    contract: str
    batch: BatchKey
    refs: Sequence[str]
    keys: Sequence[str]
    """Idempotency keys, as those of a delivery."""
    versions: Sequence[int]
    """One more than the last version of each record: a deletion is a version, too."""
    remote_ids: Sequence[str]
    """The destination's own ids; empty texts where it gave none."""
    source: Mapping[str, str]
    """Where the deletion comes from: supplier, connector and its version, parcel, moment of reception."""

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.refs)
