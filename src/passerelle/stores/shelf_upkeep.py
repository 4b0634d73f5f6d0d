"""What changes a shelf besides settling: removals of persons, what was kept long enough, segments written anew.

What is taken out of a segment stays in no copy of it: the segment is written anew under another key, and the key it
had is destroyed once that is committed. Killed in between, the key is one that nothing names, and goes with the next
sweep.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete, func, select, update

from passerelle.stores import schema
from passerelle.stores.database import open_reader, open_writer, truncate_wal
from passerelle.stores.instants import from_microseconds, to_microseconds
from passerelle.stores.scopes import find_scope_id
from passerelle.stores.seal import PLACE, PSEUDONYM_BYTES
from passerelle.stores.settlement import ShelfEntries
from passerelle.stores.shelf_marks import LiveNumbers, read_marks
from passerelle.stores.shelf_piles import find_composed, find_numbers, forget_numbers
from passerelle.stores.shelf_schema import shelf_body, shelf_scope, shelf_segment
from passerelle.stores.shelf_segment import SEGMENT_LINES, SegmentLines, open_segment
from passerelle.stores.shelf_writing import empty_scope, insert_segments, put_on_shelf
from passerelle.stores.withheld_records import forget_told
from passerelle.vocabulary.errors import FatalError, ParcelError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.shelf import RemovalCause

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine, Row

    from passerelle.stores.seal import Seal

    Numbers = NDArray[np.int64]
    ScopeRow = Row[Any]

_SCOPE, _SEGMENT, _BODY, _NAMES = shelf_scope.c, shelf_segment.c, shelf_body.c, schema.scope.c
_AT_ONCE = 64
"""Segments that one transaction expires or writes anew: others settle in between."""
_MANY = 8
"""Small segments that are joined: fewer of them wait for more."""


@dataclass(frozen=True, slots=True)
class ShelfState:
    """What a scope of the shelf holds, in numbers."""

    flow: str
    contract: str
    purpose: str
    since: datetime
    records: int
    segments: int
    size: int
    """Bytes as they are sealed."""


class ShelfUpkeep:
    """The part of the shelf that changes it. Every step is one transaction."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal

    def put(self, flow: str, entries: Iterable[ShelfEntries], now: datetime) -> None:
        """Put entries on the shelf by themselves; what is delivered goes there when it is settled."""
        with open_writer(self._engine) as connection:
            put_on_shelf(connection, self._seal, flow, entries, now)

    def fill(self, flow: str, entries: ShelfEntries, now: datetime) -> int:
        """Put those of some records on the shelf that never were there; return how many."""
        with open_writer(self._engine) as connection:
            scope_id = find_scope_id(connection, flow, entries.contract)
            numbers = np.zeros(len(entries), dtype=np.int64)
            if _hold(connection, scope_id) is not None and scope_id is not None:
                numbers = find_numbers(connection, scope_id, entries.ref_keys)
            wanted = np.flatnonzero(numbers == 0)
            put_on_shelf(connection, self._seal, flow, [entries.select(wanted.tolist())], now)
        return len(wanted)

    def remove(self, flow: str, refs: Mapping[str, Collection[str]], cause: RemovalCause, now: datetime) -> int:
        """Remove the records of refs, by contract, and every state of theirs; return how many were there.

        What is left of each is a removal, which readers have to learn. Nothing else opens afterwards, from any copy.
        """
        removed = 0
        envelopes: list[bytes] = []
        with open_writer(self._engine) as connection:
            for contract, some in refs.items():
                scope = _hold(connection, find_scope_id(connection, flow, contract))
                if scope is None or not some:
                    continue
                removed += self._remove(connection, scope, _Scope(flow, contract), sorted(some), cause, now)
                envelopes += self._take_out(connection, scope.scope_id, frozenset(some))
        self._destroy(envelopes)
        return removed

    def renew(self, flow: str, refs: Mapping[str, Collection[str]]) -> int:
        """Renew the numbers of the records of refs, by contract, which stay as they are; return how many were there.

        Who follows comes by them again: what may be read of them has changed, and they have not. They are not kept
        longer for it.
        """
        renewed = 0
        with open_writer(self._engine) as connection:
            for contract, some in refs.items():
                scope = _hold(connection, find_scope_id(connection, flow, contract))
                if scope is None or not some:
                    continue
                keys = b"".join(self._seal.pseudonymise_each("ref", sorted(some)))
                numbers = find_numbers(connection, scope.scope_id, keys)
                # whoever was told that they are gone, or was not, is told anew
                starts = range(0, len(keys), PSEUDONYM_BYTES)
                forget_told(connection, [keys[start : start + PSEUDONYM_BYTES] for start in starts])
                found = [lines for _first, lines in self._iter_segments(connection, scope.scope_id, numbers)]
                for lines in found:
                    for moment, entries in self._select_there(lines, numbers, contract, scope.purpose):
                        put_on_shelf(connection, self._seal, flow, [entries], from_microseconds(moment))
                        renewed += len(entries)
        return renewed

    def expire(self, flow: str, moment: datetime, now: datetime) -> int:
        """Remove what was settled before a moment, forget the removals of then; return how many records went."""
        expired = 0
        for contract in self._list_contracts(flow):
            while True:
                envelopes: list[bytes] = []
                with open_writer(self._engine) as connection:
                    scope = _hold(connection, find_scope_id(connection, flow, contract))
                    if scope is not None:
                        envelopes, count = self._expire_some(connection, scope, _Scope(flow, contract), moment, now)
                        expired += count
                self._destroy(envelopes)
                if not envelopes:
                    break
        return expired

    def tidy(self, flow: str) -> int:
        """Write segments anew that hold little of what they held, with their neighbours; return how many went."""
        gone = 0
        for contract in self._list_contracts(flow):
            while True:
                envelopes: list[bytes] = []
                with open_writer(self._engine) as connection:
                    scope = _hold(connection, find_scope_id(connection, flow, contract))
                    if scope is not None:
                        for group in _find_groups(connection, scope.scope_id):
                            envelopes += self._rewrite(connection, scope.scope_id, group)
                self._destroy(envelopes)
                gone += len(envelopes)
                if not envelopes:
                    break
        return gone

    def empty(self, flow: str) -> int:
        """Take everything of a flow off the shelf, and return how many records were there: who reads begins anew."""
        envelopes: list[bytes] = []
        count = 0
        with open_writer(self._engine) as connection:
            for contract in _list_contracts(connection, flow):
                scope = _hold(connection, find_scope_id(connection, flow, contract))
                if scope is None:
                    continue
                own = _BODY.scope_id == scope.scope_id
                envelopes += connection.execute(select(func.substr(_BODY.body, 1, PLACE.size)).where(own)).scalars()
                empty_scope(connection, scope.scope_id)
                fresh = {"records": 0, "first": scope.last + 1, "erased": 0}
                connection.execute(update(shelf_scope).where(_SCOPE.scope_id == scope.scope_id).values(fresh))
                count += scope.records
        self._destroy(envelopes)
        return count

    def note_since(self, flow: str, since: datetime) -> None:
        """Note that the shelf of a flow holds what came since a moment, where it said a later one."""
        with open_writer(self._engine) as connection:
            own = _SCOPE.scope_id.in_(select(_NAMES.id).where(_NAMES.flow == flow))
            connection.execute(update(shelf_scope).where(own, _SCOPE.since > since).values(since=since))

    def list_states(self) -> tuple[ShelfState, ...]:
        """List what is on the shelf, by flow and contract."""
        joined = shelf_scope.join(schema.scope, _SCOPE.scope_id == _NAMES.id)
        own = _BODY.scope_id == _SCOPE.scope_id
        count = select(func.count()).select_from(shelf_body).where(own).scalar_subquery()
        size = select(func.coalesce(func.sum(func.length(_BODY.body)), 0)).where(own).scalar_subquery()
        columns = (_NAMES.flow, _NAMES.contract, _SCOPE.purpose, _SCOPE.since, _SCOPE.records, count, size)
        wanted = select(*columns).select_from(joined).where(_SCOPE.last >= _SCOPE.first)
        wanted = wanted.order_by(_NAMES.flow, _NAMES.contract)
        with open_reader(self._engine) as connection:
            return tuple(ShelfState(*row) for row in connection.execute(wanted))

    def _list_contracts(self, flow: str) -> Sequence[str]:
        with open_reader(self._engine) as connection:
            return _list_contracts(connection, flow)

    def _remove(
        self,
        connection: Connection,
        scope: ScopeRow,
        name: _Scope,
        refs: Sequence[str],
        cause: RemovalCause,
        now: datetime,
    ) -> int:
        """Put removals of refs on the shelf, and return how many records were there."""
        keys = b"".join(self._seal.pseudonymise_each("ref", refs))
        numbers = find_numbers(connection, scope.scope_id, keys)
        versions = np.zeros(len(refs), dtype=np.int64)
        latest = [(first, lines) for first, lines in self._iter_segments(connection, scope.scope_id, numbers)]
        for _first, lines in latest:
            own = np.flatnonzero(np.isin(numbers, lines.numbers))
            versions[own] = lines.versions[np.searchsorted(lines.numbers, numbers[own])]
        entry = ShelfEntries(name.contract, scope.purpose, keys, refs, (versions + 1).tolist(), cause=cause)
        put_on_shelf(connection, self._seal, name.flow, [entry], now)
        left = connection.execute(select(_SCOPE.records).where(_SCOPE.scope_id == scope.scope_id)).scalar_one()
        return int(scope.records - left)

    def _select_there(
        self, lines: SegmentLines, numbers: Numbers, contract: str, purpose: str
    ) -> Iterator[tuple[int, ShelfEntries]]:
        """Yield the records of a segment that have these numbers, by the moment at which each was settled."""
        there = np.isin(lines.numbers, numbers) & lines.is_there
        for moment in np.unique(lines.moments[there]).tolist():
            places = np.flatnonzero(there & (lines.moments == moment)).tolist()
            refs = [lines.refs[place] for place in places]
            keys = b"".join(self._seal.pseudonymise_each("ref", refs))
            versions = (lines.versions[places] + 1).tolist()
            records = [lines.records[place] for place in places]
            yield moment, ShelfEntries(contract, purpose, keys, refs, versions, records)

    def _take_out(self, connection: Connection, scope_id: int, refs: frozenset[str]) -> list[bytes]:
        """Write the segments anew that hold replaced changes of refs, and return the envelopes that they had."""
        envelopes: list[bytes] = []
        for first, _live, _count in _list_segments(connection, scope_id, is_partly=True):
            lines = self._open(connection, scope_id, first)
            if lines is not None and not refs.isdisjoint(lines.refs):
                envelopes += self._rewrite(connection, scope_id, [first])
        return envelopes

    def _expire_some(
        self, connection: Connection, scope: ScopeRow, name: _Scope, moment: datetime, now: datetime
    ) -> tuple[list[bytes], int]:
        """Expire some segments; return the envelopes that they had, and how many records went."""
        old = (_SEGMENT.scope_id == scope.scope_id, _SEGMENT.oldest_at < moment)
        wanted = select(_SEGMENT.first).where(*old).order_by(_SEGMENT.first).limit(_AT_ONCE)
        firsts = connection.execute(wanted).scalars().all()
        refs: list[str] = []
        forgotten: dict[int, str] = {}
        before = to_microseconds(moment)
        for first in firsts:
            lines = self._read_live(connection, scope.scope_id, first)
            is_old = lines.moments < before
            refs += [lines.refs[place] for place in np.flatnonzero(is_old & lines.is_there).tolist()]
            places = np.flatnonzero(is_old & ~lines.is_there).tolist()
            forgotten.update((int(lines.numbers[place]), lines.refs[place]) for place in places)
        count = self._remove(connection, scope, name, refs, RemovalCause.EXPIRED, now) if refs else 0
        if forgotten:
            gone = np.array(sorted(forgotten))
            read_marks(connection, scope.scope_id, gone).drop(connection, gone)
            self._forget_numbers(connection, scope.scope_id, forgotten)
            first = max(scope.first, *forgotten)
            connection.execute(update(shelf_scope).where(_SCOPE.scope_id == scope.scope_id).values(first=first))
        return [envelope for first in firsts for envelope in self._rewrite(connection, scope.scope_id, [first])], count

    def _forget_numbers(self, connection: Connection, scope_id: int, forgotten: Mapping[int, str]) -> None:
        """Forget where records stand, given by number; another spelling of their reference may have come since."""
        _places, composed = find_composed(self._seal, list(forgotten.values()))
        kept = find_numbers(connection, scope_id, composed).tolist() if composed else ()
        own = [composed[nth * PSEUDONYM_BYTES :][:PSEUDONYM_BYTES] for nth, one in enumerate(kept) if one in forgotten]
        keys = [*self._seal.pseudonymise_each("ref", forgotten.values()), *own]
        forget_numbers(connection, scope_id, b"".join(keys))

    def _rewrite(self, connection: Connection, scope_id: int, firsts: Sequence[int]) -> list[bytes]:
        """Write neighbouring segments anew as one, with what no later change replaced; return their envelopes."""
        pieces = [self._read_live(connection, scope_id, first) for first in firsts]
        own = (_BODY.scope_id == scope_id, _BODY.first.in_(firsts))
        envelopes = [
            bytes(head)
            for head in connection.execute(select(func.substr(_BODY.body, 1, PLACE.size)).where(*own)).scalars()
        ]
        connection.execute(delete(shelf_body).where(*own))
        connection.execute(delete(shelf_segment).where(_SEGMENT.scope_id == scope_id, _SEGMENT.first.in_(firsts)))
        lines = reduce(SegmentLines.join, pieces)
        if len(lines):
            insert_segments(connection, self._seal, scope_id, lines)
        hit_failpoint("shelf.rewritten")
        return envelopes

    def _read_live(self, connection: Connection, scope_id: int, first: int) -> SegmentLines:
        """Return the changes of a segment that no later one replaced. Raises ParcelError `incident.shelf.damaged`."""
        lines = self._open(connection, scope_id, first)
        own = (_SEGMENT.scope_id == scope_id, _SEGMENT.first == first)
        marks = connection.execute(select(_SEGMENT.live).where(*own)).scalar_one()
        if lines is None:
            raise ParcelError("incident.shelf.damaged")
        return lines.select(np.flatnonzero(np.isin(lines.numbers, LiveNumbers.read(first, marks).numbers)))

    def _iter_segments(
        self, connection: Connection, scope_id: int, numbers: Numbers
    ) -> Iterator[tuple[int, SegmentLines]]:
        """Yield the segments that hold certain changes."""
        for first in read_marks(connection, scope_id, numbers[numbers > 0]).firsts.tolist():
            lines = self._open(connection, scope_id, first)
            if lines is not None:
                yield first, lines

    def _open(self, connection: Connection, scope_id: int, first: int) -> SegmentLines | None:
        """Open a segment; None for one that was closed since this copy of the state was made."""
        own = (_BODY.scope_id == scope_id, _BODY.first == first)
        try:
            return open_segment(
                self._seal, connection.execute(select(_BODY.body).where(*own)).scalar_one(), scope_id, first
            )
        except FatalError as error:
            if error.code != "incident.seal.destroyed":
                raise
            return None

    def _destroy(self, envelopes: Sequence[bytes]) -> None:
        if envelopes:
            hit_failpoint("shelf.committed")
            truncate_wal(self._engine)  # its log holds what was taken out
            self._seal.destroy(envelopes)


@dataclass(frozen=True, slots=True)
class _Scope:
    flow: str
    contract: str


def _hold(connection: Connection, scope_id: int | None) -> ScopeRow | None:
    """Return the row of a scope, which nobody else changes until this transaction ends; None where there is none."""
    return connection.execute(select(shelf_scope).where(_SCOPE.scope_id == scope_id).with_for_update()).one_or_none()


def _list_contracts(connection: Connection, flow: str) -> Sequence[str]:
    joined = shelf_scope.join(schema.scope, _SCOPE.scope_id == _NAMES.id)
    wanted = select(_NAMES.contract).select_from(joined).where(_NAMES.flow == flow).order_by(_NAMES.contract)
    return connection.execute(wanted).scalars().all()


def _list_segments(connection: Connection, scope_id: int, *, is_partly: bool = False) -> list[tuple[int, int, int]]:
    """List segments in order: first number, how many changes nothing replaced, how many there were.

    `is_partly`: only those of which some were replaced.
    """
    live = func.length(_SEGMENT.live) / 4
    wanted = select(_SEGMENT.first, live, _SEGMENT.count).where(_SEGMENT.scope_id == scope_id)
    if is_partly:
        wanted = wanted.where(live < _SEGMENT.count)
    rows = connection.execute(wanted.order_by(_SEGMENT.first)).all()
    return [(first, int(alive), count) for first, alive, count in rows]


def _find_groups(connection: Connection, scope_id: int) -> list[list[int]]:
    """Return neighbouring segments that are written anew as one, by their first numbers: at most so many at once."""
    groups: list[list[int]] = []
    group: list[int] = []
    total, sparse, taken = 0, False, 0
    for first, alive, count in [*_list_segments(connection, scope_id), (0, SEGMENT_LINES, SEGMENT_LINES)]:
        is_sparse, is_small = alive * 2 < count, alive * 2 < SEGMENT_LINES
        joins = is_sparse or is_small or sparse
        if group and (not joins or total + alive > SEGMENT_LINES):
            if sparse or len(group) >= _MANY:
                groups.append(group)
                taken += len(group)
            group, total, sparse = [], 0, False
            joins = is_sparse or is_small
        if taken >= _AT_ONCE:
            break
        if joins:
            group.append(first)
            total, sparse = total + alive, sparse or is_sparse
    return groups
