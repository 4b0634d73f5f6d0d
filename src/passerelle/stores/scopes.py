"""Scopes: a flow and a contract under one number, which blocks and remote ids hold in place of the two names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from passerelle.stores import schema
from passerelle.stores.database import insert_into

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SCOPE = schema.scope.c


def find_scope_id(connection: Connection, flow: str, contract: str) -> int | None:
    """Return the number of a scope; None before the first record of it was delivered."""
    wanted = select(_SCOPE.id).where(_SCOPE.flow == flow, _SCOPE.contract == contract)
    return connection.execute(wanted).scalar()


def list_scopes(connection: Connection) -> list[tuple[str, str]]:
    """List all scopes: flow, and contract or what stands in its place."""
    rows = connection.execute(select(_SCOPE.flow, _SCOPE.contract).order_by(_SCOPE.flow, _SCOPE.contract))
    return [(flow, contract) for flow, contract in rows]


def create_scope(connection: Connection, flow: str, contract: str) -> int:
    """Return the number of a scope, created if needed; blocks hold it in place of the two names."""
    values = insert_into(connection, schema.scope).values(flow=flow, contract=contract)
    connection.execute(values.on_conflict_do_nothing(index_elements=["flow", "contract"]))
    scope_id: Any = find_scope_id(connection, flow, contract)
    return int(scope_id)
