"""The part of the journal about whole exports: which sealed list of refs counts, what a person confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from passerelle.stores import parcels, schema
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_LIST = schema.whole_list.c
_CONFIRMATION = schema.confirmation.c


@dataclass(frozen=True, slots=True)
class WholeListRow:
    """Which list of a flow counts: its digest in the depot, and the journal's own number of the parcel it is of."""

    flow: str
    digest: str
    parcel_id: int
    made_at: datetime


def note_whole_list(connection: Connection, flow: str, digest: str, parcel_id: int, now: datetime) -> None:
    """Note which list counts from now on, in the transaction that closes the parcel it is of."""
    values = {"digest": digest, "parcel_id": parcel_id, "made_at": now}
    fresh = insert_into(connection, schema.whole_list).values(flow=flow, **values)
    connection.execute(fresh.on_conflict_do_update(index_elements=["flow"], set_=values))


class WholeBook:
    """Lists and confirmations. Every method is one transaction."""

    _engine: Engine

    def find_whole_list(self, flow: str) -> WholeListRow | None:
        """Return which sealed list of a flow's latest whole export counts; None before the first one."""
        return next((row for row in self.list_whole_lists() if row.flow == flow), None)

    def list_whole_lists(self) -> tuple[WholeListRow, ...]:
        """List the sealed lists that count, of all flows."""
        with open_reader(self._engine) as connection:
            rows = connection.execute(select(schema.whole_list)).all()
        return tuple(WholeListRow(row.flow, row.digest, row.parcel_id, row.made_at) for row in rows)

    def replace_whole_list(self, row: WholeListRow, digest: str) -> None:
        """Note under which digest a list is kept from now on: what it is of stays the same."""
        with open_writer(self._engine) as connection:
            note_whole_list(connection, row.flow, digest, row.parcel_id, row.made_at)

    def forget_whole_list(self, flow: str) -> None:
        """Forget the list of a flow; the next whole export is the first one."""
        with open_writer(self._engine) as connection:
            connection.execute(delete(schema.whole_list).where(_LIST.flow == flow))

    def confirm_parcel(self, flow: str, key: str, code: str, now: datetime) -> bool:
        """Note that a person confirmed a parcel that is held for `code`, and reopen it; return False for any other."""
        column = schema.parcel.c
        held = select(column.id).where(column.flow == flow, column.key == key, column.code == code)
        with open_writer(self._engine) as connection:
            # In the same transaction: a parcel that was parked for another reason meanwhile is not let through.
            reopened = connection.execute(held).first() is not None and parcels.reopen(connection, flow, key)
            if reopened:
                values = {"parcel_id": parcels.find_open_id(connection, flow, key), "code": code, "at": now}
                fresh = insert_into(connection, schema.confirmation).values(values)
                connection.execute(fresh.on_conflict_do_nothing(index_elements=["parcel_id", "code"]))
        return reopened

    def is_confirmed(self, parcel_id: int, code: str) -> bool:
        """Whether a person confirmed what a parcel was held for."""
        wanted = select(_CONFIRMATION.at).where(_CONFIRMATION.parcel_id == parcel_id, _CONFIRMATION.code == code)
        with open_reader(self._engine) as connection:
            return connection.execute(wanted).first() is not None
