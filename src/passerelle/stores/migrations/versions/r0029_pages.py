"""SQLite finds a page of the shelf, and a segment, without reading others: their tables get row numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_SHAPE = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")


def upgrade() -> None:
    """Copy both tables into ones that are found by an index. PostgreSQL has never had others."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for table in ("shelf_segment", "shelf_page"):
        shape = str(connection.execute(_SHAPE, {"name": table}).scalar())
        # done already, by a migration that stopped half-way
        if "WITHOUT ROWID" not in shape:
            continue
        connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO {table}_before"))
        connection.execute(sa.text(shape.replace("WITHOUT ROWID", "")))
        connection.execute(sa.text(f"INSERT INTO {table} SELECT * FROM {table}_before"))  # noqa: S608  our own names
        connection.execute(sa.text(f"DROP TABLE {table}_before"))
