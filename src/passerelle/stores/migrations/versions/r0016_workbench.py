"""Corrections that wait for their release, accounts of the workbench, and batches found by their run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add two tables and an index."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    # a migration that stopped half-way is taken up again
    if "draft" not in there:
        op.create_table(
            "draft",
            sa.Column("item_id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("version", sa.Integer, nullable=False),
            sa.Column("cells", sa.LargeBinary, nullable=False),
            sa.Column("verdict", sa.Text, nullable=False),
            sa.Column("who", sa.Text, nullable=False),
            sa.Column("at", sa.BigInteger, nullable=False),
        )
    if "account" not in there:
        op.create_table(
            "account",
            sa.Column("id", _SERIAL, primary_key=True),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "secret", "code_key")),
            sa.Column("code_step", sa.BigInteger, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("roles", "flows", "invitation")),
            sa.Column("invited_until", sa.BigInteger),
            sa.Column("disabled_at", sa.BigInteger),
            sqlite_autoincrement=True,
        )
    op.create_index("ix_account_name", "account", ["name"], unique=True, if_not_exists=True)
    op.create_index("ix_batch_run", "batch", ["run_id"], if_not_exists=True)
