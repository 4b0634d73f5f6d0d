"""States of a parcel in the journal: open, waiting, then done or parked. Each change in the caller's transaction."""

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
    """The state of a parcel. DONE is final; a PARKED one can be reopened."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


_OPEN = (ParcelState.OPEN, ParcelState.WAITING)
SUPPLIED = "supplied"
REPLAY = "replay"
"""Kind of a parcel that brings records back from quarantine; SUPPLIED, of any other that a source sends."""
LOOK = "look"
"""Kind of a parcel that only names the pages of one complete look at an API."""


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


def add(connection: Connection, parcel: Parcel, kind: str) -> bool:
    """Register a parcel; return whether it is to be processed: new to this flow, or a parked replay, reopened."""
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
    # The unique key decides, not a look before: two processes may receive the same parcel at once.
    fresh = fresh.on_conflict_do_nothing(index_elements=["flow", "digest"])
    if connection.execute(fresh.returning(_PARCEL.id)).first():
        return True
    return kind == REPLAY and reopen(connection, parcel.flow, parcel.digest)


def reopen(connection: Connection, flow: str, digest: str) -> bool:
    """Reopen a parked parcel, or let a waiting one be tried now; return False for a parcel in any other state."""
    stopped = (ParcelState.PARKED, ParcelState.WAITING)
    reopened = _move_state(connection, flow, digest, ParcelState.OPEN, stopped, closed_at=None, not_before=None)
    if reopened:
        follow_replay(connection, digest, QuarantineState.REPLAYING)
    return reopened


def list_open(connection: Connection, flow: str, now: datetime) -> tuple[OpenParcel, ...]:
    """List the parcels of a flow that are not finished, in order of registration."""
    wanted = select(schema.parcel).where(_PARCEL.flow == flow, _PARCEL.state.in_(_OPEN)).order_by(_PARCEL.id)
    rows = connection.execute(wanted).all()
    settled = find_settled_numbers(connection, [row.id for row in rows])
    return tuple(_to_open_parcel(row, now, settled[row.id]) for row in rows)


def find_open_id(connection: Connection, flow: str, digest: str) -> int:
    """Return the id of a parcel that is not finished.

    Raises FatalError `incident.parcel.unregistered` or `incident.parcel.closed`.
    """
    row = connection.execute(
        select(_PARCEL.id, _PARCEL.state).where(_PARCEL.flow == flow, _PARCEL.digest == digest),
    ).first()
    if row is None:
        raise FatalError("incident.parcel.unregistered", flow=flow, parcel=digest)
    if row.state not in _OPEN:
        raise FatalError("incident.parcel.closed", flow=flow, parcel=digest)
    return int(row.id)


def find_digests(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return the digests of parcels by id."""
    digests: dict[int, str] = {}
    for some_ids in iter_slices(sorted(ids)):
        rows = connection.execute(select(_PARCEL.id, _PARCEL.digest).where(_PARCEL.id.in_(some_ids)))
        digests.update((row.id, row.digest) for row in rows)
    return digests


def close(connection: Connection, flow: str, digest: str, batches: int, now: datetime) -> None:
    """Mark a parcel as done. Raises FatalError `incident.books.incomplete` when one of its batches is not settled."""
    parcel_id = find_open_id(connection, flow, digest)
    if find_settled_numbers(connection, [parcel_id])[parcel_id] != frozenset(range(batches)):
        raise FatalError("incident.books.incomplete", flow=flow, parcel=digest)
    _move_state(connection, flow, digest, ParcelState.DONE, _OPEN, closed_at=now)
    follow_replay(connection, digest, QuarantineState.REPLAYED, now)


def park(connection: Connection, flow: str, digest: str, code: str, now: datetime) -> None:
    """Park a parcel as a whole; the items that it brought back from quarantine wait there again."""
    find_open_id(connection, flow, digest)  # raises when there is nothing to park
    _move_state(connection, flow, digest, ParcelState.PARKED, _OPEN, code=code, closed_at=now)
    follow_replay(connection, digest, QuarantineState.WAITING)


def wait(connection: Connection, flow: str, digest: str, code: str, not_before: datetime) -> None:
    """Make a parcel wait until `not_before` and count the failed try."""
    find_open_id(connection, flow, digest)  # raises when there is nothing to wait for
    values = {"code": code, "not_before": not_before, "attempts": _PARCEL.attempts + 1}
    _move_state(connection, flow, digest, ParcelState.WAITING, _OPEN, **values)


def note_progress(connection: Connection, parcel_id: int) -> None:
    """Reset the failed tries of a parcel of which a batch was settled."""
    fresh = {"state": ParcelState.OPEN, "code": "", "attempts": 0, "not_before": None}
    connection.execute(update(schema.parcel).where(_PARCEL.id == parcel_id).values(fresh))


def list_closed_before(connection: Connection, moment: datetime) -> tuple[str, ...]:
    """List the digests whose bytes are no longer needed: every flow that has one was done with it before `moment`."""
    # By digest, not by flow: the depot keeps the same bytes once for all flows.
    by_digest = select(_PARCEL.digest).group_by(_PARCEL.digest)
    unfinished = func.count().filter(_PARCEL.state != ParcelState.DONE)
    return tuple(connection.execute(by_digest.having(unfinished == 0, func.max(_PARCEL.closed_at) < moment)).scalars())


def _move_state(
    connection: Connection,
    flow: str,
    digest: str,
    state: ParcelState,
    before: tuple[ParcelState, ...],
    **values: Any,
) -> bool:
    fresh = {"code": "", "attempts": 0, "not_before": None} | values | {"state": state}
    wanted = (_PARCEL.flow == flow, _PARCEL.digest == digest, _PARCEL.state.in_(before))
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
    )
    waits = row.not_before if row.not_before is not None and row.not_before > now else None
    return OpenParcel(parcel, row.kind, row.attempts, waits, settled)
