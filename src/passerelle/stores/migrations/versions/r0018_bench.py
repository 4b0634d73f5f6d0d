"""Descriptions that somebody works on, who follows a cause, and sessions of accounts that outlast a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _make_texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    """Add three tables."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    # a migration that stopped half-way is taken up again
    if "description_draft" not in there:
        op.create_table(
            "description_draft",
            sa.Column("draft", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
            *_make_texts("content", "who"),
            sa.Column("at", sa.BigInteger, nullable=False),
        )
    if "cause_note" not in there:
        op.create_table(
            "cause_note",
            sa.Column("cause_id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("version", sa.Integer, nullable=False),
            *_make_texts("assignee", "note", "who"),
            sa.Column("at", sa.BigInteger, nullable=False),
        )
    if "web_session" not in there:
        op.create_table(
            "web_session",
            sa.Column("digest", sa.Text, primary_key=True),
            sa.Column("account_id", sa.BigInteger, nullable=False),
            sa.Column("began", sa.BigInteger, nullable=False),
            sa.Column("seen", sa.BigInteger, nullable=False),
        )
