"""Names of parcels outside: until here a recipient knew them by the digest of the received bytes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; parcels that are registered already may have been delivered, and keep the name they have."""
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("parcel")}
    if "outside" not in there:  # a migration that stopped half-way is taken up again
        op.add_column("parcel", sa.Column("outside", sa.Text, nullable=False, server_default=""))
    if "turn" not in there:
        op.add_column("parcel", sa.Column("turn", sa.BigInteger))
    op.create_index("ix_parcel_turn", "parcel", ["flow", "turn"], if_not_exists=True)
    parcel = sa.table("parcel", sa.column("key"), sa.column("outside"))
    # A process killed before it settled may have written files under the digest: they have to be found again.
    op.execute(parcel.update().where(parcel.c.outside == "").values(outside=parcel.c.key))
