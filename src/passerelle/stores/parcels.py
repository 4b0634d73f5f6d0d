"""States of a parcel in the journal: open, waiting, then done, parked or dropped.

Each change is in the caller's transaction, and with it that of the quarantine items which the parcel brings back.
`key` is what names a parcel in its flow (`Parcel.key`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from passerelle.stores import schema
from passerelle.stores.arrivals import hold_arrivals, note_arrival
from passerelle.stores.books import find_settled_numbers
from passerelle.stores.database import iter_slices
from passerelle.stores.notices import clear_notice
from passerelle.stores.quarantine_moves import follow_replay
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.arrivals import NO_MARKS
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import Parcel, find_occurrence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.arrivals import ArrivalMarks

_PARCEL = schema.parcel.c


class ParcelState(StrEnum):
    """The state of a parcel. DONE is final; a PARKED one can be reopened, a DROPPED one while its bytes are held."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"
    DROPPED = "dropped"
    """Somebody, the end of its retention, or its bytes that came again, decided that it is not to be delivered."""


_OPEN = (ParcelState.OPEN, ParcelState.WAITING)
_STOPPED = (ParcelState.PARKED, ParcelState.WAITING)
FINAL = (ParcelState.DONE, ParcelState.DROPPED)
"""The states of a parcel for which nothing is left to be done."""
_MARKED, _AGAIN = 1, 2
"""How a parcel came: with the marks of its arrival, or taken again on purpose; 0: by a version without marks."""
_DAMAGED = ("incident.deposit.broken", "incident.deposit.missing")
"""Reasons of parked parcels that the same bytes heal when they come again."""
_LONGEST_WAIT = timedelta(days=7)
"""A moment further ahead was written while the clock was wrong: such a parcel is tried at once."""
ABSENT_COLUMNS = "translate.column.gone"
"""Reason of a parcel that is parked with a question: what do the columns mean that it lacks?"""
HELD = "whole.parcel.held"
"""Reason of a parcel that is parked with another: is it right that so many records vanished? A notice says so too."""
SUPPLIED = "supplied"
REPLAY = "replay"
"""Kind of a parcel that brings records back from quarantine; SUPPLIED, of any other that a source sends."""
LOOK = "look"
"""Kind of a parcel that only names the pages of one complete look at an API."""
WITHDRAWN = "withdrawn"
"""Kind of a parcel of which nothing came: deletions at the destination that a person asked for."""


@dataclass(frozen=True, slots=True)
class OpenParcel:
    """A parcel that is not finished: open or waiting."""

    parcel: Parcel
    """Its `name` is empty: the journal holds no names, the depot does."""
    kind: str
    attempts: int
    """Failed tries since the last settled batch."""
    not_before: datetime | None
    """When it may be tried again; None: now."""
    settled: frozenset[int]
    """Numbers of the settled batches."""
    absent: str = ""
    """The answer of a person for the columns that it lacks: `keep` or `empty`; empty when nobody answered."""
    is_again: bool = False
    """Whether it was taken again on purpose: it is of some time ago."""
    group: int | None = None
    """The same for parcels that are delivered together; None until that is decided."""


def add(connection: Connection, seal: Seal, parcel: Parcel, kind: str, arrival: ArrivalMarks = NO_MARKS) -> str:
    """Register a parcel unless it is an arrival that was registered before; return the key of what is to be processed.

    Empty: nothing is. Bytes that arrive again get a key of their own, and a parcel of them that is parked is dropped:
    the new one takes its place. A replay that is parked is reopened instead, for its items belong to it. So is a parcel
    that was parked because the depot had lost its bytes, when a source that keeps its files shows them again.
    """
    hold_arrivals(connection, parcel.flow)
    is_same = note_arrival(connection, seal, parcel, arrival)
    earlier = connection.execute(
        select(_PARCEL.key, _PARCEL.state, _PARCEL.code).where(
            _PARCEL.digest == parcel.digest, _PARCEL.flow == parcel.flow
        )
    ).all()
    if earlier and kind == REPLAY:
        return _add_replay_again(connection, parcel, earlier)
    if is_same or (earlier and not arrival.marks and not arrival.is_new):
        damaged = [row.key for row in earlier if row.code in _DAMAGED]
        return next((key for key in damaged if reopen(connection, parcel.flow, key, (ParcelState.PARKED,))), "")
    for row in earlier:
        if row.state == ParcelState.PARKED:
            drop(connection, parcel.flow, row.key, row.code, parcel.received_at)
    fresh = replace(parcel, occurrence=len(earlier) + 1)
    return _insert(connection, fresh, kind, marked=_AGAIN if arrival.is_new else _MARKED)


def _add_replay_again(connection: Connection, parcel: Parcel, earlier: Sequence[Row[*tuple[Any, ...]]]) -> str:
    """Reopen a parked replay of the same lines; once that ended, the same lines are another replay."""
    unfinished = [row.key for row in earlier if row.state not in FINAL]
    if not unfinished:
        return _insert(connection, replace(parcel, occurrence=len(earlier) + 1), REPLAY)
    return next((key for key in unfinished if reopen(connection, parcel.flow, key)), "")


def _insert(connection: Connection, parcel: Parcel, kind: str, marked: int = _MARKED) -> str:
    values = {
        "flow": parcel.flow,
        "key": parcel.key,
        "digest": parcel.digest,
        "kind": kind,
        "size": parcel.size,
        "received_at": parcel.received_at,
        "block_bytes": parcel.block_bytes,
        "block_rows": parcel.block_rows,
        "state": ParcelState.OPEN,
        "marked": marked,
        "named_at": parcel.named_at,
        "redelivers": parcel.redelivers,
        "outside": parcel.outside,
    }
    connection.execute(insert(schema.parcel).values(values))
    return parcel.key


def add_done(connection: Connection, parcel: Parcel, kind: str) -> int | None:
    """Register a parcel that is done already, and return its number; None when its key is registered."""
    wanted = select(_PARCEL.id).where(_PARCEL.flow == parcel.flow, _PARCEL.key == parcel.key)
    if connection.execute(wanted).first() is not None:
        return None
    _insert(connection, parcel, kind)
    _move_state(connection, parcel.flow, parcel.key, ParcelState.DONE, _OPEN, closed_at=parcel.received_at)
    return int(connection.execute(wanted).scalar_one())


def reopen(
    connection: Connection, flow: str, key: str, stopped: tuple[ParcelState, ...] = _STOPPED, *, absent: str = ""
) -> bool:
    """Reopen a parcel in one of these states, or let a waiting one be tried now; return False for any other.

    `absent` is the answer of a person for the columns that it lacks; empty leaves an earlier answer as it is.
    """
    answer = {"absent": absent} if absent else {}
    reopened = _move_state(connection, flow, key, ParcelState.OPEN, stopped, closed_at=None, not_before=None, **answer)
    if reopened:
        follow_replay(connection, key, QuarantineState.REPLAYING)
    return reopened


def list_open(connection: Connection, flow: str, now: datetime) -> tuple[OpenParcel, ...]:
    """List the parcels of a flow that are not finished, in order of registration."""
    wanted = select(schema.parcel).where(_PARCEL.flow == flow, _PARCEL.state.in_(_OPEN)).order_by(_PARCEL.id)
    rows = connection.execute(wanted).all()
    settled = find_settled_numbers(connection, [row.id for row in rows])
    return tuple(_to_open_parcel(row, now, settled[row.id]) for row in rows)


def find_open_id(connection: Connection, flow: str, key: str) -> int:
    """Return the id of a parcel that is not finished.

    Raises FatalError `incident.parcel.unregistered` or `incident.parcel.closed`.
    """
    return find_open_ids(connection, flow, [key])[key]


def find_open_ids(connection: Connection, flow: str, keys: Sequence[str]) -> dict[str, int]:
    """Return the ids of parcels that are not finished, by key, in their order; raises as `find_open_id` does."""
    found: dict[str, Row[Any]] = {}
    wanted = select(_PARCEL.key, _PARCEL.id, _PARCEL.state).where(_PARCEL.flow == flow)
    for some_keys in iter_slices(keys):
        found |= {row.key: row for row in connection.execute(wanted.where(_PARCEL.key.in_(some_keys)))}
    for key in keys:
        if key not in found:
            raise FatalError("incident.parcel.unregistered", flow=flow, parcel=key)
        if found[key].state not in _OPEN:
            raise FatalError("incident.parcel.closed", flow=flow, parcel=key)
    return {key: int(found[key].id) for key in keys}


def is_late(connection: Connection, flow: str, key: str) -> bool:
    """Whether a newer parcel of the flow was taken before this one: one that came later, or whose name says so."""
    own = connection.execute(
        select(_PARCEL.id, _PARCEL.named_at, _PARCEL.marked).where(_PARCEL.flow == flow, _PARCEL.key == key)
    ).first()
    if own is None or own.marked == _AGAIN:  # that it is older is why it was asked for
        return False
    newer = [_PARCEL.id > own.id]
    if own.named_at is not None:
        newer.append(_PARCEL.named_at > own.named_at)
    taken = (_PARCEL.flow == flow, _PARCEL.state == ParcelState.DONE, _PARCEL.kind == SUPPLIED)
    # One look for each, not «or»: each has an index, and a flow of messages has a parcel for each of them.
    looks = (select(_PARCEL.id).where(*taken, condition).limit(1) for condition in newer)
    return any(connection.execute(look).first() is not None for look in looks)


def find_last_id(connection: Connection, flow: str) -> int:
    """Return the number of the last parcel of a flow, 0 when it has none."""
    return int(connection.execute(select(func.max(_PARCEL.id)).where(_PARCEL.flow == flow)).scalar() or 0)


def find_digests(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return the digests of parcels by id."""
    digests: dict[int, str] = {}
    for some_ids in iter_slices(sorted(ids)):
        rows = connection.execute(select(_PARCEL.id, _PARCEL.digest).where(_PARCEL.id.in_(some_ids)))
        digests.update((row.id, row.digest) for row in rows)
    return digests


def close(connection: Connection, flow: str, key: str, batches: int, now: datetime) -> None:
    """Mark a parcel as done. Raises FatalError `incident.books.incomplete` when one of its batches is not settled."""
    parcel_id = find_open_id(connection, flow, key)
    if find_settled_numbers(connection, [parcel_id])[parcel_id] != frozenset(range(batches)):
        raise FatalError("incident.books.incomplete", flow=flow, parcel=key)
    _move_state(connection, flow, key, ParcelState.DONE, _OPEN, closed_at=now)
    follow_replay(connection, key, QuarantineState.REPLAYED, now)


def close_all(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Mark parcels, by id, as done: supplied ones, whose only batch is settled in this very transaction."""
    done = {"state": ParcelState.DONE, "code": "", "details": "", "attempts": 0, "not_before": None, "closed_at": now}
    for some_ids in iter_slices(ids):
        connection.execute(update(schema.parcel).where(_PARCEL.id.in_(some_ids)).values(done))


def park(
    connection: Connection, flow: str, key: str, code: str, now: datetime, details: Mapping[str, str] | None = None
) -> None:
    """Park a parcel as a whole; the items that it brought back from quarantine wait there again."""
    find_open_id(connection, flow, key)  # raises when there is nothing to park
    said = json.dumps(dict(details), ensure_ascii=False) if details else ""
    # what was parked is taken up alone
    stopped = {"code": code, "details": said, "closed_at": now, "group_id": _PARCEL.id}
    _move_state(connection, flow, key, ParcelState.PARKED, _OPEN, **stopped)
    follow_replay(connection, key, QuarantineState.WAITING)


def retry(connection: Connection, flow: str, key: str) -> bool:
    """Reopen a parcel that is parked, waiting or dropped; return False for any other."""
    return reopen(connection, flow, key, (*_STOPPED, ParcelState.DROPPED))


def drop(connection: Connection, flow: str, key: str, code: str, now: datetime) -> bool:
    """Drop a parcel that is not finished; what it brought back from quarantine waits there again.

    What was settled of it stays in the books. Returns False for a parcel that is done, dropped or unknown.
    """
    before = (*_OPEN, ParcelState.PARKED)
    held = select(_PARCEL.key).where(_PARCEL.flow == flow, _PARCEL.state == ParcelState.PARKED, _PARCEL.code == HELD)
    asking = set(connection.execute(held).scalars())
    dropped = _move_state(
        connection, flow, key, ParcelState.DROPPED, before, code=code, closed_at=now, group_id=_PARCEL.id
    )
    if dropped:
        follow_replay(connection, key, QuarantineState.WAITING)
    if dropped and asking == {key}:
        clear_notice(connection, flow, HELD)  # the question went with the last parcel that asked it
    return dropped


def drop_parked_before(connection: Connection, moment: datetime, code: str) -> int:
    """Drop the parcels that were parked before `moment`, and return their number: nobody came for them."""
    wanted = select(_PARCEL.flow, _PARCEL.key, _PARCEL.closed_at)
    rows = connection.execute(wanted.where(_PARCEL.state == ParcelState.PARKED, _PARCEL.closed_at < moment)).all()
    # closed when they were parked: their bytes may go at once
    return sum(drop(connection, row.flow, row.key, code, row.closed_at) for row in rows)


def find_unregistered(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Return the digests of which no flow has a parcel."""
    missing = set(digests)
    for some in iter_slices(sorted(missing)):
        missing -= set(connection.execute(select(_PARCEL.digest).where(_PARCEL.digest.in_(some))).scalars())
    return missing


def wait(
    connection: Connection,
    flow: str,
    key: str,
    code: str,
    not_before: datetime,
    details: Mapping[str, str] | None = None,
) -> None:
    """Make a parcel wait until `not_before` and count the failed try; `details` fill the sentence of its reason."""
    find_open_id(connection, flow, key)  # raises when there is nothing to wait for
    said = json.dumps(dict(details), ensure_ascii=False) if details else ""
    values = {"code": code, "details": said, "not_before": not_before, "attempts": _PARCEL.attempts + 1}
    _move_state(connection, flow, key, ParcelState.WAITING, _OPEN, **values)


def note_progress(connection: Connection, parcel_id: int) -> None:
    """Reset the failed tries of a parcel of which a batch was settled."""
    fresh = {"state": ParcelState.OPEN, "code": "", "details": "", "attempts": 0, "not_before": None}
    connection.execute(update(schema.parcel).where(_PARCEL.id == parcel_id).values(fresh))


def list_closed_before(connection: Connection, moment: datetime) -> tuple[str, ...]:
    """List the digests whose bytes are no longer needed: every flow that has one was done with it before `moment`."""
    # By digest, not by flow: the depot keeps the same bytes once for all flows.
    by_digest = select(_PARCEL.digest).group_by(_PARCEL.digest)
    unfinished = func.count().filter(_PARCEL.state.not_in(FINAL))
    return tuple(connection.execute(by_digest.having(unfinished == 0, func.max(_PARCEL.closed_at) < moment)).scalars())


def _move_state(
    connection: Connection,
    flow: str,
    key: str,
    state: ParcelState,
    before: tuple[ParcelState, ...],
    **values: Any,
) -> bool:
    fresh = {"code": "", "details": "", "attempts": 0, "not_before": None} | values | {"state": state}
    wanted = (_PARCEL.flow == flow, _PARCEL.key == key, _PARCEL.state.in_(before))
    return bool(connection.execute(update(schema.parcel).where(*wanted).values(fresh)).rowcount)


def _to_open_parcel(row: Row[Any], now: datetime, settled: frozenset[int]) -> OpenParcel:
    parcel = Parcel(
        digest=row.digest,
        flow=row.flow,
        size=row.size,
        received_at=row.received_at,
        name="",
        block_bytes=row.block_bytes,
        block_rows=row.block_rows,
        occurrence=find_occurrence(row.key),
        named_at=row.named_at,
        redelivers=row.redelivers,
        outside=row.outside,
    )
    waits = row.not_before if row.not_before is not None and now < row.not_before <= now + _LONGEST_WAIT else None
    is_again = row.marked == _AGAIN or row.redelivers is not None
    return OpenParcel(parcel, row.kind, row.attempts, waits, settled, row.absent, is_again, row.group_id)
