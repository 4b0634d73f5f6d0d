"""The table of turns: whose turn a flow is, under which number, and when it is due. Beside those of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from passerelle.stores.instants import InstantType
from passerelle.stores.workbench_schema import metadata

__all__ = ["metadata", "turn"]

# One row a flow, changed twice a turn. No index but the key: PostgreSQL then changes a row in its page, where half of
# the room is left for that; a sweeper reads 50,000 rows from one end to the other in a few milliseconds.
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
    postgresql_with={"fillfactor": "50"},
)
