"""The life of a parcel in the journal: open, waiting, then done or parked. Each step in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from passerelle.stores import schema
from passerelle.stores.books import find_settled_numbers
from passerelle.stores.database import insert_into, iter_slices
from passerelle.stores.quarantine import follow_replay
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.parcels import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Row

_PARCEL = schema.parcel.c


class ParcelState(StrEnum):
    """Where a parcel stands."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


_LIVE = (ParcelState.OPEN, ParcelState.WAITING)
SUPPLIED = "supplied"
REPLAY = "replay"
"""Kind of a parcel that brings records back from quarantine."""


@dataclass(frozen=True, slots=True)
class OpenParcel:
    """A parcel that is not finished."""

    parcel: Parcel
    """Its `name` is empty: the journal holds no names, the depot does."""
    kind: str
    attempts: int
    """Failed tries since the last batch that was settled."""
    not_before: datetime | None
    """When it may be tried again; None: now."""
    settled: frozenset[int]
    """Numbers of the batches that are done."""


def add(connection: Connection, parcel: Parcel, kind: str) -> bool:
    """Register a parcel; False: this flow knows it. A replay that was parked is opened again by the same replay."""
    values = {
        "flow": parcel.flow,
        "digest": parcel.digest,
        "kind": kind,
        "size": parcel.size,
        "received_at": parcel.received_at,
        "block_bytes": parcel.block_bytes,
        "block_rows": parcel.block_rows,
        "state": ParcelState.OPEN,
    }
    fresh = insert_into(connection, schema.parcel).values(values)
    fresh = fresh.on_conflict_do_nothing(index_elements=["flow", "digest"])
    if connection.execute(fresh.returning(_PARCEL.id)).first():
        return True
    return kind == REPLAY and reopen(connection, parcel.flow, parcel.digest)


def reopen(connection: Connection, flow: str, digest: str) -> bool:
    """Open a parked parcel again, or let a waiting one be tried now, because somebody acted; False for any other."""
    stopped = (ParcelState.PARKED, ParcelState.WAITING)
    reopened = _move(connection, flow, digest, ParcelState.OPEN, stopped, closed_at=None, not_before=None)
    if reopened:
        follow_replay(connection, digest, QuarantineState.REPLAYING)
    return reopened


def live(connection: Connection, flow: str, now: datetime) -> tuple[OpenParcel, ...]:
    """List what is not finished, in order of registration."""
    wanted = select(schema.parcel).where(_PARCEL.flow == flow, _PARCEL.state.in_(_LIVE)).order_by(_PARCEL.id)
    rows = connection.execute(wanted).all()
    settled = find_settled_numbers(connection, [row.id for row in rows])
    return tuple(_open_parcel(row, now, settled[row.id]) for row in rows)


def live_id(connection: Connection, flow: str, digest: str) -> int:
    """Find a parcel that may still be settled. Raises FatalError `incident.parcel.*`."""
    row = connection.execute(
        select(_PARCEL.id, _PARCEL.state).where(_PARCEL.flow == flow, _PARCEL.digest == digest),
    ).first()
    if row is None:
        raise FatalError("incident.parcel.unregistered", flow=flow, parcel=digest)
    if row.state not in _LIVE:
        raise FatalError("incident.parcel.closed", flow=flow, parcel=digest)
    return int(row.id)


def digests(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Name parcels by their digests."""
    named: dict[int, str] = {}
    for some in iter_slices(sorted(ids)):
        rows = connection.execute(select(_PARCEL.id, _PARCEL.digest).where(_PARCEL.id.in_(some)))
        named.update((row.id, row.digest) for row in rows)
    return named


def close(connection: Connection, flow: str, digest: str, batches: int, now: datetime) -> None:
    """Finish a parcel. Raises FatalError `incident.books.incomplete` unless batches 0 to `batches` - 1 are settled."""
    parcel_id = live_id(connection, flow, digest)
    if find_settled_numbers(connection, [parcel_id])[parcel_id] != frozenset(range(batches)):
        raise FatalError("incident.books.incomplete", flow=flow, parcel=digest)
    _move(connection, flow, digest, ParcelState.DONE, _LIVE, closed_at=now)
    follow_replay(connection, digest, QuarantineState.REPLAYED, now)


def park(connection: Connection, flow: str, digest: str, code: str, now: datetime) -> None:
    """Put a parcel aside as a whole; what it brought back from quarantine waits there again."""
    live_id(connection, flow, digest)
    _move(connection, flow, digest, ParcelState.PARKED, _LIVE, code=code, closed_at=now)
    follow_replay(connection, digest, QuarantineState.WAITING)


def wait(connection: Connection, flow: str, digest: str, code: str, not_before: datetime) -> None:
    """Let a parcel wait after a failed try."""
    live_id(connection, flow, digest)
    words = {"code": code, "not_before": not_before, "attempts": _PARCEL.attempts + 1}
    _move(connection, flow, digest, ParcelState.WAITING, _LIVE, **words)


def progressed(connection: Connection, parcel_id: int) -> None:
    """Note that a batch was settled: failed tries count from here again."""
    fresh = {"state": ParcelState.OPEN, "code": "", "attempts": 0, "not_before": None}
    connection.execute(update(schema.parcel).where(_PARCEL.id == parcel_id).values(fresh))


def closed_before(connection: Connection, moment: datetime) -> tuple[str, ...]:
    """List digests that every flow which has them finished before `moment`: their bytes are needed no more."""
    last = select(_PARCEL.digest).group_by(_PARCEL.digest)
    unfinished = func.count().filter(_PARCEL.state != ParcelState.DONE)
    return tuple(connection.execute(last.having(unfinished == 0, func.max(_PARCEL.closed_at) < moment)).scalars())


def _move(
    connection: Connection,
    flow: str,
    digest: str,
    state: ParcelState,
    before: tuple[ParcelState, ...],
    **words: Any,
) -> bool:
    fresh = {"code": "", "attempts": 0, "not_before": None} | words | {"state": state}
    wanted = (_PARCEL.flow == flow, _PARCEL.digest == digest, _PARCEL.state.in_(before))
    return bool(connection.execute(update(schema.parcel).where(*wanted).values(fresh)).rowcount)


def _open_parcel(row: Row[Any], now: datetime, settled: frozenset[int]) -> OpenParcel:
    parcel = Parcel(
        digest=row.digest,
        flow=row.flow,
        size=row.size,
        received_at=row.received_at,
        name="",
        block_bytes=row.block_bytes,
        block_rows=row.block_rows,
    )
    waits = row.not_before if row.not_before is not None and row.not_before > now else None
    return OpenParcel(parcel, row.kind, row.attempts, waits, settled)
