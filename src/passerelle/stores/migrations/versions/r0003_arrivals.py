"""Bytes that arrive again are another parcel, older states are told from newer ones, arrivals are remembered."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Text, inspect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the digest become the key, and keep it beside; create the table of arrivals."""
    # What stands already is left alone, as in the first revision.
    if "key" not in _list_columns("parcel"):
        # Renamed, not added: SQLite cannot change the unique constraint of a table, and it goes with its column.
        op.execute('ALTER TABLE parcel RENAME COLUMN digest TO "key"')
    _add_column("parcel", Column("digest", Text, nullable=False, server_default=""))
    _add_column("parcel", Column("marked", Integer, nullable=False, server_default="0"))
    _add_column("parcel", Column("named_at", BigInteger, nullable=True))
    _add_column("parcel", Column("redelivers", BigInteger, nullable=True))
    _add_column("known", Column("moments", LargeBinary, nullable=True))
    op.execute("UPDATE parcel SET digest = \"key\" WHERE digest = ''")
    op.create_index("ix_parcel_digest", "parcel", ["digest", "flow"], if_not_exists=True)
    op.create_table(
        "arrival",
        Column("flow", Text, nullable=False),
        Column("place", LargeBinary, nullable=False),
        Column("state", LargeBinary, nullable=False),
        Column("kind", Integer, nullable=False),
        Column("at", BigInteger, nullable=False),
        PrimaryKeyConstraint("flow", "place"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )


def _add_column(table: str, column: Column[object]) -> None:
    if column.name not in _list_columns(table):
        op.add_column(table, column)


def _list_columns(table: str) -> set[str]:
    return {column["name"] for column in inspect(op.get_bind()).get_columns(table)}
