"""The shelf as it is read: the latest state of each record in order of numbers, opened segment by segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from sqlalchemy import func, select

from passerelle.stores import schema
from passerelle.stores.database import open_reader
from passerelle.stores.shelf_marks import LiveNumbers
from passerelle.stores.shelf_piles import find_numbers, make_composed_keys
from passerelle.stores.shelf_schema import shelf_body, shelf_scope, shelf_segment
from passerelle.stores.shelf_segment import open_segment
from passerelle.stores.shelf_upkeep import ShelfUpkeep
from passerelle.vocabulary.errors import FatalError, FlowError, ParcelError
from passerelle.vocabulary.shelf import ShelfChange, ShelfScope

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Select

    from passerelle.stores.shelf_segment import SegmentLines

    Numbers = NDArray[np.int64]

T = TypeVar("T")
_SCOPE, _SEGMENT, _BODY, _NAMES = shelf_scope.c, shelf_segment.c, shelf_body.c, schema.scope.c
_JOINED = shelf_segment.join(shelf_body, (_SEGMENT.scope_id == _BODY.scope_id) & (_SEGMENT.first == _BODY.first))
_AT_ONCE = 16
"""Segments read by one statement: those of single records are small and many."""
_LOOKS = 3
"""How often a segment is looked for whose key was destroyed meanwhile: it was written anew."""


class Shelf(ShelfUpkeep):
    """What flows delivered, by flow and contract. Implements `vocabulary.shelf.ShelfReader`."""

    def list_scopes(self, contract: str = "") -> tuple[ShelfScope, ...]:
        """List scopes by flow and contract, those of one contract when it is named."""
        joined = shelf_scope.join(schema.scope, _SCOPE.scope_id == _NAMES.id)
        columns = (_NAMES.flow, _NAMES.contract, _SCOPE.purpose, _SCOPE.last, _SCOPE.first, _SCOPE.since)
        # one that was emptied is there again with its next record
        wanted = select(*columns).select_from(joined).where(_SCOPE.last >= _SCOPE.first)
        wanted = wanted.order_by(_NAMES.flow, _NAMES.contract)
        if contract:
            wanted = wanted.where(_NAMES.contract == contract)
        with open_reader(self._engine) as connection:
            return tuple(ShelfScope(**row._mapping) for row in connection.execute(wanted))  # noqa: SLF001  SQLAlchemy's

    def read_changes(self, scope: ShelfScope, after: int, limit: int, *, begun: int = 0) -> tuple[ShelfChange, ...]:
        """Return changes numbered above `after`; see `vocabulary.shelf`."""
        return self._look(lambda connection: self._read_changes(connection, scope, after, limit, begun))

    def find_change(self, scope: ShelfScope, ref: str) -> ShelfChange | None:
        """Return the latest state of a record; None when it never was on the shelf."""
        return self.find_keyed(scope, self._seal.pseudonymise("ref", ref))

    def find_keyed(self, scope: ShelfScope, ref_key: bytes) -> ShelfChange | None:
        """Return the latest state of a record by the pseudonym of its reference; see `vocabulary.shelf`."""
        # both are looked up, whether the first is found or not: what is unknown costs what is known does
        keys = ref_key + make_composed_keys(self._seal, ref_key)
        return self._look(lambda connection: self._find_change(connection, scope, keys))

    def _look(self, look: Callable[[Connection], T]) -> T:
        """Return what a look finds; again, where a segment was written anew between the two stores."""
        for _look in range(_LOOKS):
            with open_reader(self._engine) as connection:
                try:
                    return look(connection)
                except FatalError as error:
                    if error.code != "incident.seal.destroyed":
                        raise
        raise ParcelError("incident.shelf.damaged")

    def _read_changes(
        self, connection: Connection, scope: ShelfScope, after: int, limit: int, begun: int
    ) -> tuple[ShelfChange, ...]:
        row = _find_scope(connection, scope)
        if row is None:
            return ()
        scope_id, first = row
        if after and max(after, begun) < first:
            raise FlowError("incident.shelf.forgotten", flow=scope.flow, contract=scope.contract)
        changes: list[ShelfChange] = []
        while len(changes) < limit:
            segments = connection.execute(_select_later(scope_id, after)).all()
            for segment_first, last, marks, body in segments:
                live = LiveNumbers.read(segment_first, marks).numbers
                wanted = live[live > after][: limit - len(changes)]
                after = last
                if len(wanted):
                    lines = open_segment(self._seal, body, scope_id, segment_first)
                    changes += map(lines.make_change, _find_places(lines, wanted))
                if len(changes) == limit:
                    break
            if len(segments) < _AT_ONCE:
                break
        return tuple(changes)

    def _find_change(self, connection: Connection, scope: ShelfScope, keys: bytes) -> ShelfChange | None:
        row = _find_scope(connection, scope)
        found = np.zeros(2, dtype=np.int64) if row is None else find_numbers(connection, row[0], keys)
        number = int(found[0]) or int(found[1])
        if row is None or not number:
            return None
        scope_id = row[0]
        own = (_BODY.scope_id == scope_id, _BODY.first <= number)
        wanted = select(_BODY.first, _BODY.body).where(*own).order_by(_BODY.first.desc()).limit(1)
        segment = connection.execute(wanted).first()
        if segment is None:
            raise ParcelError("incident.shelf.damaged", flow=scope.flow)
        lines = open_segment(self._seal, segment[1], scope_id, segment[0])
        return lines.make_change(*_find_places(lines, np.array([number])))


def _find_scope(connection: Connection, scope: ShelfScope) -> tuple[int, int] | None:
    """Return number and first change of a scope; None when it is on the shelf no more."""
    joined = shelf_scope.join(schema.scope, _SCOPE.scope_id == _NAMES.id)
    own = (_NAMES.flow == scope.flow, _NAMES.contract == scope.contract)
    row = connection.execute(select(_SCOPE.scope_id, _SCOPE.first).select_from(joined).where(*own)).first()
    return None if row is None else (row.scope_id, row.first)


def _select_later(scope_id: int, after: int) -> Select[Any]:
    """Return what selects the next segments that have changes above a number."""
    # They follow one another: only the one that begins at or before it can hold both what was read and what was not.
    own = _SEGMENT.scope_id == scope_id
    begins = select(_SEGMENT.first).where(own, _SEGMENT.first <= after).order_by(_SEGMENT.first.desc()).limit(1)
    from_there = _SEGMENT.first >= func.coalesce(begins.scalar_subquery(), 0)
    columns = (_SEGMENT.first, _SEGMENT.last, _SEGMENT.live, _BODY.body)
    wanted = select(*columns).select_from(_JOINED).where(own, from_there, _SEGMENT.last > after)
    return wanted.order_by(_SEGMENT.first).limit(_AT_ONCE)


def _find_places(lines: SegmentLines, numbers: Numbers) -> list[int]:
    """Return where numbers stand in a segment. Raises ParcelError `incident.shelf.damaged` for one that it lacks."""
    places = np.searchsorted(lines.numbers, numbers)
    found = places < len(lines)
    if not found.all() or (lines.numbers[places] != numbers).any():
        raise ParcelError("incident.shelf.damaged")
    return [int(place) for place in places]
