"""What the journal knows of how regularly a source sends: when it was last heard of, and how much it usually brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, cast, func, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.parcels import SUPPLIED, ParcelState
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_BATCH = schema.batch.c
_PARCEL = schema.parcel.c


@dataclass(frozen=True, slots=True)
class ParcelSize:
    """How many rows a finished parcel brought, and in which run its last batch was settled (0: it has none)."""

    key: str
    run: int
    rows: int


def _list_sizes(connection: Connection, flow: str, limit: int) -> tuple[ParcelSize, ...]:
    """List the sizes of the finished parcels that a supplier sent, the latest first."""
    rows = cast(func.coalesce(func.sum(_BATCH.received), 0), BigInteger).label("rows")
    last_run = func.coalesce(func.max(_BATCH.run_id), 0).label("run")
    joined = select(_PARCEL.key, last_run, rows).select_from(schema.parcel.outerjoin(schema.batch))
    wanted = joined.where(_PARCEL.flow == flow, _PARCEL.kind == SUPPLIED, _PARCEL.state == ParcelState.DONE)
    statement = wanted.group_by(_PARCEL.id, _PARCEL.key).order_by(_PARCEL.id.desc()).limit(limit)
    return tuple(ParcelSize(row.key, row.run, row.rows) for row in connection.execute(statement))


def _find_last_arrival(connection: Connection, flow: str) -> datetime | None:
    """Return when the source of a flow was last heard of: its latest parcel, or a parcel that was there already."""
    supplied = (_PARCEL.flow == flow, _PARCEL.kind == SUPPLIED)
    received = connection.execute(select(func.max(_PARCEL.received_at)).where(*supplied)).scalar()
    heard = connection.execute(select(schema.flow.c.heard_at).where(schema.flow.c.name == flow)).scalar()
    return max((moment for moment in (received, heard) if moment is not None), default=None)


def _find_first_run(connection: Connection, flow: str) -> datetime | None:
    """Return when a flow was first run; None before that."""
    column = schema.run.c
    starts = connection.execute(select(column.flows, column.started_at).order_by(column.id))
    return next((row.started_at for row in starts if flow in row.flows.split()), None)


class RegularityBook:
    """The part of the journal that tells of arrivals. Every method is one transaction."""

    _engine: Engine

    def note_heard(self, flow: str, now: datetime) -> None:
        """Note that the source of a flow was heard of, though it had nothing new."""
        with open_writer(self._engine) as connection:
            values = insert_into(connection, schema.flow).values(name=flow, heard_at=now)
            connection.execute(values.on_conflict_do_update(index_elements=["name"], set_={"heard_at": now}))

    def find_last_arrival(self, flow: str) -> datetime | None:
        """Return when the source of a flow was last heard of: a parcel, new or not. None before the first one."""
        with open_reader(self._engine) as connection:
            return _find_last_arrival(connection, flow)

    def find_first_run(self, flow: str) -> datetime | None:
        """Return when a flow was first run."""
        with open_reader(self._engine) as connection:
            return _find_first_run(connection, flow)

    def list_sizes(self, flow: str, limit: int) -> tuple[ParcelSize, ...]:
        """List how many rows the finished parcels of a supplier brought, the latest first."""
        with open_reader(self._engine) as connection:
            return _list_sizes(connection, flow, limit)
