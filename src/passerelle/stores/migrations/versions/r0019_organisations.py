"""The organisations of a shared journal; on PostgreSQL every table then gets their column (`stores.tenancy`)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table. SQLite gets nothing else: a file holds one organisation."""
    # a migration that stopped half-way is taken up again
    if not sa.inspect(op.get_bind()).has_table("organisation"):
        op.create_table(
            "organisation",
            sa.Column("organisation", sa.Text, primary_key=True),
            sa.Column("key_wrapped", sa.LargeBinary),
            sa.Column("key_number", sa.Integer, nullable=False),
            sa.Column("created_at", sa.BigInteger, nullable=False),
            sa.Column("shredded_at", sa.BigInteger),
            sa.Column("words", sa.LargeBinary),
        )
