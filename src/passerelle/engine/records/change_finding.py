"""Finds, of the records of a batch, which are new or changed, which the destination has, and which are out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.stores.ref_index import RecalledRecords

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
    """It has it from the very parcel of the record."""
    older: Flags
    """It has a newer state."""
    confirmed: Flags
    """It has this content, and this record says that it still held later than was known."""
    outlived: Flags
    """It deleted the record since: an older state must not bring it back."""
    moments: Numbers | None
    """When the state that the destination will have was made; None when nothing orders states."""
    current: Numbers
    """The version that the destination has when it is the record's turn."""
    undated: Flags
    """To be delivered, though nothing says when this state was made and something should."""


@dataclass(frozen=True, slots=True)
class _RefState:
    """What the destination has of one ref, when it is the turn of a parcel."""

    content: NDArray[np.uint8]
    version: int
    parcel: int
    moment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStates:
    """The states that a batch brings, and those that the destination has. All arrays are parallel to the records."""

    ref_keys: Pseudonyms
    contents: Pseudonyms
    moments: Numbers | None
    """Microseconds since 1970, 0 where nothing says when a state was made; None when nothing orders states."""
    before: RecalledRecords
    parcels: Numbers
    """The journal's own number of the parcel of each record. They ascend: small parcels may share a batch."""
    redelivers: int | None
    """Everything that parcels up to this number brought is delivered anew, whatever it is; None: only changes are."""
    is_replay: bool = False
    """The rows were sent some time ago, and come again because somebody asked for it."""
    needs_moments: bool = False
    """The flow's settings say what orders states. Otherwise only what follows a state with a moment should have one."""

    def find_changes(self) -> RecordChanges:
        """Compare all records at once; then refs that come several times, each in turn."""
        before = self.before
        same_parcel = before.parcels == self.parcels
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
        outlived = before.withdrawn & (is_past | (before.parcels > self.parcels)) & ~older
        versions = np.where(same | older | outlived, 0, before.versions + 1)
        current, undated = before.versions.copy(), np.zeros_like(older)
        changes = RecordChanges(
            versions, same, same & same_parcel, older, confirmed, outlived, moments, current, undated
        )
        for group in find_repeated(self.ref_keys):
            if not outlived[group[0]]:
                self._compare_in_turn(group, changes)
        if self.moments is not None:
            needed = self.needs_moments | (self.known_moments > 0)
            undated[:] = needed & (self.moments == 0) & (changes.versions > 0)
        return changes

    @property
    def known_moments(self) -> Numbers:
        """When the states that the destination has were made."""
        return np.zeros_like(self.before.versions) if self.before.moments is None else self.before.moments

    def _compare_in_turn(self, group: list[int], changes: RecordChanges) -> None:
        """Compare each record of a ref with the one before it: A, B, A is three versions though the journal knows A.

        Each parcel finds what those before it left, as if it came in a batch of its own.
        """
        first, before = group[0], self.before
        parcel, moment = int(before.parcels[first]), int(self.known_moments[first])
        if self.redelivers is not None and self.redelivers < parcel != self.parcels[first]:
            return  # all are older, as they were found above
        state = _RefState(before.contents[first], int(before.versions[first]), parcel, moment)
        ends = np.flatnonzero(np.diff(self.parcels[group])) + 1
        for part in np.split(np.array(group), ends):
            state = self._compare_parcel(part.tolist(), state, changes)

    def _compare_parcel(self, part: list[int], state: _RefState, changes: RecordChanges) -> _RefState:
        """Compare the records of a ref in one parcel in turn; return what the destination has behind them."""
        content, version, parcel, moment = state.content, state.version, state.parcel, state.moment
        own, delivered = int(self.parcels[part[0]]), -1
        is_awaited = self.redelivers is not None and parcel <= self.redelivers
        for index in part:
            made = 0 if self.moments is None else int(self.moments[index])
            is_equal = version > 0 and bool((content == self.contents[index]).all())
            is_older = not is_equal and 0 < made < moment
            is_same = is_equal and not is_awaited
            changes.older[index], changes.same[index] = is_older, is_same
            changes.duplicate[index], changes.confirmed[index] = is_same and parcel == own, False
            changes.versions[index], changes.current[index] = 0, version
            if is_older:
                continue
            moment = max(moment, made)
            if not is_same:
                content, version, parcel, is_awaited = self.contents[index], version + 1, own, False
                changes.versions[index], delivered = version, index
            elif delivered < 0:
                changes.confirmed[index] = made > state.moment
            if changes.moments is not None:
                changes.moments[index if delivered < 0 else delivered] = moment
        # what is confirmed is remembered as this parcel's
        is_confirmed = bool(changes.confirmed[part].any())
        return _RefState(content, version, own if is_confirmed else parcel, moment)


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
