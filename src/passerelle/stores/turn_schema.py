"""The table of turns: whose turn a flow is, under which number, and when it is due. Beside those of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, event, text

from passerelle.stores.instants import InstantType
from passerelle.stores.workbench_schema import metadata

__all__ = ["metadata", "turn"]

# One row a flow, changed twice a turn. No index but the key: a sweeper reads 50,000 rows from one end to the other in a
# few milliseconds.
turn = Table(
    "turn",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("flow", Text, primary_key=True),
    # grows with each turn: what comes with a smaller one is late
    Column("fence", BigInteger, nullable=False),
    # when the flow has something to do; null while a turn does it and nothing came since
    Column("due_at", InstantType),
    # who holds the turn, empty when nobody does, and until when without another sign of life: workers with different
    # settings can read one another's
    Column("owner", Text, nullable=False),
    Column("held_until", InstantType),
    # parcels that the last turn left open
    Column("left", Integer, nullable=False),
    # the version of turns that its last writer had: an older program leaves the row alone
    Column("needs", Integer, nullable=False),
)


@event.listens_for(turn, "after_create")
def _leave_room(_table: Table, connection: Connection, **_said: object) -> None:
    """Leave half of each page free on PostgreSQL, which then changes a row in its page."""
    # Not an option of the table: every process, that of a journal in a file too, would import what SQLAlchemy knows of
    # PostgreSQL.
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE turn SET (fillfactor = 50)"))
