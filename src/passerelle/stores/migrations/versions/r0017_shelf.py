"""The shelf: what flows delivered, kept for those who read it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add five tables."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    # a migration that stopped half-way is taken up again
    if "shelf_scope" not in there:
        op.create_table(
            "shelf_scope",
            sa.Column("scope_id", sa.BigInteger, sa.ForeignKey("scope.id"), primary_key=True, autoincrement=False),
            sa.Column("purpose", sa.Text, nullable=False),
            *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("last", "first", "since", "records")),
            sa.Column("erased", sa.Integer, nullable=False),
        )
    if "shelf_segment" not in there:
        scope = sa.ForeignKey("shelf_scope.scope_id")
        op.create_table(
            "shelf_segment",
            sa.Column("scope_id", sa.BigInteger, scope, primary_key=True, autoincrement=False),
            sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("last", sa.BigInteger, nullable=False),
            sa.Column("count", sa.Integer, nullable=False),
            sa.Column("live", sa.LargeBinary, nullable=False),
            sa.Column("oldest_at", sa.BigInteger, nullable=False),
            sqlite_with_rowid=False,
        )
    if "shelf_body" not in there:
        scope = sa.ForeignKey("shelf_scope.scope_id")
        op.create_table(
            "shelf_body",
            sa.Column("scope_id", sa.BigInteger, scope, primary_key=True, autoincrement=False),
            sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("body", sa.LargeBinary, nullable=False),
        )
    if "shelf_pile" not in there:
        scope = sa.ForeignKey("shelf_scope.scope_id")
        op.create_table(
            "shelf_pile",
            sa.Column("scope_id", sa.BigInteger, scope, primary_key=True, autoincrement=False),
            sa.Column("pile", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("size", sa.BigInteger, nullable=False),
            sqlite_with_rowid=False,
        )
    if "shelf_page" not in there:
        op.create_table(
            "shelf_page",
            *(sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False) for name in ("scope_id", "pile")),
            sa.Column("head", sa.LargeBinary, primary_key=True),
            sa.Column("ref_keys", sa.LargeBinary, nullable=False),
            sa.Column("numbers", sa.LargeBinary, nullable=False),
            sqlite_with_rowid=False,
        )
