"""Finds, of the records of a batch, which are new or changed, which the destination has, and which are out of date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.stores.known import RecalledRecords

    Pseudonyms = NDArray[np.uint8]
    Flags = NDArray[np.bool_]
    Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RecordChanges:
    """Arrays parallel to the records of a batch."""

    versions: Numbers
    """The version to deliver, 0 for a record that need not go."""
    same: Flags
    """The destination has this content already."""
    duplicate: Flags
    """It has it from this very parcel."""
    older: Flags
    """It has a newer state."""
    confirmed: Flags
    """It has this content, and this record says that it still held later than was known."""
    outlived: Flags
    """It deleted the record since: an older state must not bring it back."""
    moments: Numbers | None
    """When the state that the destination will have was made; None when nothing orders states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStates:
    """The states that a batch brings, and those that the destination has. All arrays are parallel to the records."""

    ref_keys: Pseudonyms
    contents: Pseudonyms
    moments: Numbers | None
    """Microseconds since 1970, 0 where nothing says when a state was made; None when nothing orders states."""
    before: RecalledRecords
    parcel: int
    """The journal's own number of the parcel."""
    redelivers: int | None
    """Everything that parcels up to this number brought is delivered anew, whatever it is; None: only changes are."""
    is_replay: bool = False
    """The rows were sent some time ago, and come again because somebody asked for it."""

    def find_changes(self) -> RecordChanges:
        """Compare all records at once; then refs that come several times, each in turn."""
        before = self.before
        same_parcel = before.parcels == self.parcel
        equal = (before.versions > 0) & (before.contents == self.contents).all(axis=1)
        same, older, confirmed = equal, np.zeros(len(equal), dtype=np.bool_), np.zeros(len(equal), dtype=np.bool_)
        moments = self.moments
        if moments is not None:
            known = self.known_moments
            older = ~equal & (moments > 0) & (moments < known)
            confirmed, moments = equal & (moments > known), np.maximum(moments, known)
        if self.redelivers is not None:
            # The latest parcels come first: what another parcel of this delivery brought is a newer state already.
            is_awaited = before.parcels <= self.redelivers
            same, older = equal & ~is_awaited, older | ~(is_awaited | same_parcel)
            confirmed &= ~is_awaited
            same &= ~older
        is_past = self.is_replay or self.redelivers is not None
        outlived = before.withdrawn & (is_past | (before.parcels > self.parcel)) & ~older
        versions = np.where(same | older | outlived, 0, before.versions + 1)
        changes = RecordChanges(versions, same, same & same_parcel, older, confirmed, outlived, moments)
        for group in find_repeated(self.ref_keys):
            if not outlived[group[0]]:
                self._compare_in_turn(group, changes)
        return changes

    @property
    def known_moments(self) -> Numbers:
        """When the states that the destination has were made."""
        return np.zeros_like(self.before.versions) if self.before.moments is None else self.before.moments

    def _compare_in_turn(self, group: list[int], changes: RecordChanges) -> None:
        """Compare each record of a ref with the one before it: A, B, A is three versions though the journal knows A."""
        first, before = group[0], self.before
        content, version = before.contents[first], int(before.versions[first])
        is_here = bool(before.parcels[first] == self.parcel)
        is_awaited = self.redelivers is not None and bool(before.parcels[first] <= self.redelivers)
        if self.redelivers is not None and not (is_awaited or is_here):
            return  # all are older, as they were found above
        known = moment = int(self.known_moments[first])
        delivered = -1
        for index in group:
            made = 0 if self.moments is None else int(self.moments[index])
            is_equal = version > 0 and bool((content == self.contents[index]).all())
            is_older = not is_equal and 0 < made < moment
            is_same = is_equal and not is_awaited
            changes.older[index], changes.same[index] = is_older, is_same
            changes.duplicate[index], changes.confirmed[index] = is_same and is_here, False
            changes.versions[index] = 0
            if is_older:
                continue
            moment = max(moment, made)
            if not is_same:
                content, version, is_here, is_awaited = self.contents[index], version + 1, True, False
                changes.versions[index], delivered = version, index
            elif delivered < 0:
                changes.confirmed[index] = made > known
            if changes.moments is not None:
                changes.moments[index if delivered < 0 else delivered] = moment


def find_repeated(ref_keys: Pseudonyms) -> list[list[int]]:
    """Return the indexes of each ref that comes several times, in their order. Most often there is none."""
    # Eight of the sixteen bytes are compared first: sorting numbers is fast, and a collision only costs the slow way.
    head = ref_keys[:, :8].copy().view(np.uint64).ravel()
    in_order = np.sort(head)
    if (in_order[1:] != in_order[:-1]).all():
        return []
    _values, nth, counts = np.unique(head, return_inverse=True, return_counts=True)
    groups: dict[bytes, list[int]] = {}
    for index in np.flatnonzero(counts[nth] > 1).tolist():
        groups.setdefault(ref_keys[index].tobytes(), []).append(index)
    return [group for group in groups.values() if len(group) > 1]
