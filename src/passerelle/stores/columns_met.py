"""The supplier's columns that fed fields of a flow, by member: names only, as the supplier writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_COLUMN = schema.column_met.c


def remember_columns(connection: Connection, flow: str, member: str, columns: Iterable[str]) -> None:
    """Store columns that a flow has met, in the caller's transaction; those that are known already stay."""
    rows = [{"flow": flow, "member": member, "column_name": name} for name in columns]
    if rows:
        fresh = insert_into(connection, schema.column_met)
        connection.execute(fresh.on_conflict_do_nothing(), rows)


def list_columns_met(connection: Connection, flow: str) -> dict[str, frozenset[str]]:
    """Return the columns that a flow has met, by member; a flow that settled nothing yet has met none."""
    rows = connection.execute(select(_COLUMN.member, _COLUMN.column_name).where(_COLUMN.flow == flow)).all()
    return {
        member: frozenset(name for other, name in rows if other == member) for member in {member for member, _ in rows}
    }


def forget_columns(connection: Connection, flow: str, member: str, columns: Iterable[str]) -> None:
    """Forget columns that a person said are gone for good."""
    for name in columns:
        mine = (_COLUMN.flow == flow, _COLUMN.member == member, _COLUMN.column_name == name)
        connection.execute(delete(schema.column_met).where(*mine))
