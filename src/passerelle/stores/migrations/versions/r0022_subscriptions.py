"""Subscriptions to changes on the shelf, and how each attempt to tell them ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add two tables."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    # a migration that stopped half-way is taken up again
    if "subscription" not in there:
        op.create_table(
            "subscription",
            sa.Column("id", _SERIAL, primary_key=True),
            sa.Column("token_id", sa.BigInteger, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "secrets", "purpose", "contracts")),
            *(sa.Column(name, sa.Boolean, nullable=False) for name in ("tells_refs", "allows_private")),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "code", "positions")),
            sa.Column("message", sa.BigInteger, nullable=False),
            sa.Column("failures", sa.Integer, nullable=False),
            *(sa.Column(name, sa.BigInteger) for name in ("next_at", "taken_at")),
            sa.Column("made_at", sa.BigInteger, nullable=False),
            sqlite_autoincrement=True,
        )
    if "subscription_attempt" not in there:
        op.create_table(
            "subscription_attempt",
            sa.Column("id", _SERIAL, primary_key=True),
            *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("subscription_id", "at", "message")),
            sa.Column("events", sa.Integer, nullable=False),
            sa.Column("outcome", sa.Text, nullable=False),
            sa.Column("milliseconds", sa.Integer, nullable=False),
        )
    op.create_index("ix_subscription_attempt", "subscription_attempt", ["subscription_id", "at"], if_not_exists=True)
