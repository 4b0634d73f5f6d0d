"""Which changes of a segment are still the latest of their record, and which of these removed it, outside the seal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from sqlalchemy import bindparam, select, update

from passerelle.stores.shelf_schema import shelf_segment
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Numbers = NDArray[np.int64]
    Marks = NDArray[np.bool_]

_SEGMENT = shelf_segment.c
_REMOVED = np.uint32(1 << 31)
"""Bit of a mark whose change removed the record."""
_FEW = 32
"""Changes whose segments are looked up one by one; for more of them, all are read."""


@dataclass(frozen=True, slots=True)
class LiveNumbers:
    """The changes of one segment that are the latest of their record, by number."""

    numbers: Numbers
    is_there: Marks
    """Whether the record is there; it was removed otherwise."""

    @classmethod
    def read(cls, first: int, marks: bytes) -> Self:
        """Read them as the table has them."""
        values = np.frombuffer(marks, "<u4")
        return cls((values & ~_REMOVED).astype(np.int64) + first, (values & _REMOVED) == 0)


def encode_marks(offsets: Numbers, is_there: Marks) -> bytes:
    """Return marks as the table has them: four bytes each, the offset to the first number, and a bit for a removal."""
    return np.where(is_there, offsets, offsets | int(_REMOVED)).astype("<u4").tobytes()


@dataclass(frozen=True, slots=True)
class SegmentMarks:
    """Marks of the segments that hold certain changes."""

    scope_id: int
    firsts: Numbers
    """First numbers of the segments, ascending."""
    live: tuple[LiveNumbers, ...]

    def find_records(self, numbers: Numbers) -> Marks:
        """Mark the numbers whose change is the latest of a record that is there."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        segments = np.searchsorted(self.firsts, numbers, side="right") - 1
        for segment in np.unique(segments[(segments >= 0) & (numbers > 0)]).tolist():
            own, live = np.flatnonzero(segments == segment), self.live[segment]
            found[own] = np.isin(numbers[own], live.numbers[live.is_there])
        return found

    def drop(self, connection: Connection, numbers: Numbers) -> None:
        """Note, in the caller's transaction, that these changes were replaced."""
        segments = np.searchsorted(self.firsts, numbers, side="right") - 1
        rows = []
        for segment in np.unique(segments).tolist():
            first, live = int(self.firsts[segment]), self.live[segment]
            kept = ~np.isin(live.numbers, numbers[segments == segment])
            rows.append({"its": first, "marks": encode_marks(live.numbers[kept] - first, live.is_there[kept])})
        if rows:
            own = (_SEGMENT.scope_id == self.scope_id, _SEGMENT.first == bindparam("its"))
            connection.execute(update(shelf_segment).where(*own).values(live=bindparam("marks")), rows)


def read_marks(connection: Connection, scope_id: int, numbers: Numbers) -> SegmentMarks:
    """Read the marks of the segments that hold these changes."""
    wanted = select(_SEGMENT.first, _SEGMENT.live).where(_SEGMENT.scope_id == scope_id)
    if len(numbers) <= _FEW:
        found: dict[int, bytes] = {}
        for number in numbers.tolist():
            one = wanted.where(_SEGMENT.first <= number).order_by(_SEGMENT.first.desc()).limit(1)
            found.update((row.first, row.live) for row in connection.execute(one))
    else:
        found = {row.first: row.live for row in connection.execute(wanted)}
    firsts = sorted(found)
    live = tuple(LiveNumbers.read(first, found[first]) for first in firsts)
    return SegmentMarks(scope_id, np.array(firsts, dtype=np.int64), live)
