"""Columns that a flow has met, the answer given for one parcel that lacks some, and what a parked parcel lacks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of columns and add the two columns of parcels, where they do not exist yet."""
    op.create_table(
        "column_met",
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("column_name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("flow", "member", "column_name"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("parcel")}
    # parcels of before have no answer and no details: an empty text says so
    for name in ("absent", "details"):
        if name not in there:
            op.add_column("parcel", sa.Column(name, sa.Text, nullable=False, server_default=""))
