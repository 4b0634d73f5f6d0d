"""What suspended a flow, in its own facts; what people were told of faults, and the messages still to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add a column, empty for suspensions of an earlier version, and three tables."""
    inspector = sa.inspect(op.get_bind())
    there = set(inspector.get_table_names())
    # a migration that stopped half-way is taken up again
    if "suspended_details" not in {column["name"] for column in inspector.get_columns("flow")}:
        op.add_column("flow", sa.Column("suspended_details", sa.Text))
    if "alert" not in there:
        op.create_table(
            "alert",
            sa.Column("flow", sa.Text, primary_key=True),
            sa.Column("code", sa.Text, primary_key=True),
            sa.Column("since", sa.BigInteger, nullable=False),
            sa.Column("told_at", sa.BigInteger),
            sa.Column("details", sa.Text, nullable=False),
        )
    if "alert_message" not in there:
        op.create_table(
            "alert_message",
            sa.Column("id", _SERIAL, primary_key=True),
            sa.Column("made_at", sa.BigInteger, nullable=False),
            sa.Column("facts", sa.Text, nullable=False),
            sqlite_autoincrement=True,
        )
    if "incident_sending" not in there:
        op.create_table(
            "incident_sending",
            sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("channel", sa.Text, primary_key=True),
        )
