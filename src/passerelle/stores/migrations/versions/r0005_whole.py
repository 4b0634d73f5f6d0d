"""What vanished from whole exports, notices for people, and what a person confirmed of a parcel."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Text, inspect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is not there yet: where the engine commits each statement, a start may have been killed in between."""
    _add_column("batch", Column("vanished", BigInteger, nullable=False, server_default="0"))
    _add_column("batch", Column("withdrawn", BigInteger, nullable=False, server_default="0"))
    _add_column("flow", Column("heard_at", BigInteger, nullable=True))
    op.create_table(
        "notice",
        Column("flow", Text, primary_key=True),
        Column("code", Text, primary_key=True),
        Column("since", BigInteger, nullable=False),
        Column("seen_at", BigInteger, nullable=False),
        Column("details", Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "whole_list",
        Column("flow", Text, primary_key=True),
        Column("digest", Text, nullable=False),
        Column("parcel_id", BigInteger, nullable=False),
        Column("made_at", BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "confirmation",
        Column("parcel_id", BigInteger, primary_key=True, autoincrement=False),
        Column("code", Text, primary_key=True),
        Column("at", BigInteger, nullable=False),
        if_not_exists=True,
    )


def _add_column(table: str, column: Column[int]) -> None:
    there = {entry["name"] for entry in inspect(op.get_bind()).get_columns(table)}
    if column.name not in there:
        op.add_column(table, column)
