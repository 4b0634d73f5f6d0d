"""The part of the journal that keeps how far each source was read. A cursor may say more than a place: it is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, open_reader, open_writer

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from passerelle.stores.seal import Seal

_FLOW = schema.flow.c


def note_cursor(connection: Connection, seal: Seal, flow: str, cursor: str) -> None:
    """Keep a cursor, in the caller's transaction; an empty one means the beginning."""
    values = {"cursor": seal.seal(cursor.encode(), about=bind_cursor(flow)) if cursor else None}
    fresh = insert_into(connection, schema.flow).values({"name": flow, **values})
    connection.execute(fresh.on_conflict_do_update(index_elements=["name"], set_=values))


class CursorBook:
    """Cursors by flow. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def get_cursor(self, flow: str) -> str:
        """Return the cursor from which the source continues; empty for the beginning."""
        with open_reader(self._engine) as connection:
            sealed = connection.execute(select(_FLOW.cursor).where(_FLOW.name == flow)).scalar()
        return self._seal.open(sealed, about=bind_cursor(flow)).decode() if sealed else ""

    def move_cursor(self, flow: str, cursor: str) -> None:
        """Let the source continue from this cursor, unless it does so already."""
        if cursor != self.get_cursor(flow):
            with open_writer(self._engine) as connection:
                note_cursor(connection, self._seal, flow, cursor)


def bind_cursor(flow: str) -> bytes:
    """Return what the sealed cursor of a flow is bound to."""
    return f"cursor/{flow}".encode()
