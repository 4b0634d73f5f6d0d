"""Small parcels that are delivered together are noted: a restart must give the same files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Parcels that are open have begun alone, and some may have been delivered: they stay alone."""
    columns = sa.inspect(op.get_bind()).get_columns("parcel")
    if all(column["name"] != "group_id" for column in columns):  # a migration that stopped half-way may have added it
        op.add_column("parcel", sa.Column("group_id", sa.BigInteger()))
    parcel = sa.table("parcel", sa.column("id"), sa.column("group_id"), sa.column("state"))
    op.execute(parcel.update().where(parcel.c.state.in_(["open", "waiting"])).values(group_id=parcel.c.id))
