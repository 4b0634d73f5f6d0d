"""Turns of flows, taken by any of several workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table."""
    # a migration that stopped half-way is taken up again
    if "turn" in sa.inspect(op.get_bind()).get_table_names():
        return
    op.create_table(
        "turn",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("organisation", "flow")),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("left", sa.Integer, nullable=False),
        sa.Column("needs", sa.Integer, nullable=False),
        postgresql_with={"fillfactor": "50"},
    )
