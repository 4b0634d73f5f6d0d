"""Counts of quarantined items by cause, kept with the items; what waits from an earlier version is counted once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_STATES = ("waiting", "replaying", "replayed", "discarded", "superseded", "expired")
_KEY = ("fate", "reason", "contract", "member", "column_name", "field")
_SAME = " AND ".join(["c.flow = p.flow", *(f"c.{name} = q.{name}" for name in _KEY)])


def upgrade() -> None:
    """Add the table and the indexes, then count. Started again, it counts anew what an earlier try left half done."""
    connection = op.get_bind()
    inspector = sa.inspect(connection)
    if not inspector.has_table("quarantine_cause"):
        _create_table()
    if "cause_id" not in {column["name"] for column in inspector.get_columns("quarantine")}:
        op.add_column("quarantine", sa.Column("cause_id", sa.BigInteger))
    own = ", ".join(f"q.{name}" for name in _KEY)
    zeros = ", ".join("0" for _state in _STATES)
    joined = "quarantine q JOIN parcel p ON p.id = q.parcel_id"
    # sealed words are equal where the words are: the database can group what it cannot read
    missing = (
        f"INSERT INTO quarantine_cause (flow, {', '.join(_KEY)}, example, {', '.join(_STATES)}) "  # noqa: S608  our names
        f"SELECT p.flow, {own}, min(q.facts), {zeros} FROM {joined} WHERE q.cause_id IS NULL "
        f"AND NOT EXISTS (SELECT 1 FROM quarantine_cause c WHERE {_SAME}) GROUP BY p.flow, {own}"
    )
    number = f"SELECT c.id FROM {joined} JOIN quarantine_cause c ON {_SAME} WHERE q.id = quarantine.id"  # noqa: S608  our names
    connection.execute(sa.text(missing))
    connection.execute(sa.text(f"UPDATE quarantine SET cause_id = ({number}) WHERE cause_id IS NULL"))  # noqa: S608  the same
    op.create_index("ix_quarantine_cause", "quarantine", ["cause_id", "state", "id"], if_not_exists=True)
    op.create_index("ix_batch_settled", "batch", ["settled_at"], if_not_exists=True)
    for state in _STATES:
        count = f"(SELECT count(*) FROM quarantine q WHERE q.cause_id = quarantine_cause.id AND q.state = '{state}')"  # noqa: S608  our own names
        connection.execute(sa.text(f"UPDATE quarantine_cause SET {state} = {count}"))  # noqa: S608  our own names


def _create_table() -> None:
    words = ("flow", "fate", "reason", "contract", "member", "column_name", "field", "example")
    op.create_table(
        "quarantine_cause",
        sa.Column("id", _SERIAL, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in words),
        *(sa.Column(state, sa.BigInteger, nullable=False) for state in _STATES),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cause_flow", "quarantine_cause", ["flow", "reason"])
