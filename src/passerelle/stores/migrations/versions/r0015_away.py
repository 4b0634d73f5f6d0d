"""Since when the places of a flow are away: its source, its destination."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column for each side, empty while it is there."""
    # a migration that stopped half-way is taken up again
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("flow")}
    for name in ("source_away_at", "destination_away_at"):
        if name not in there:
            op.add_column("flow", sa.Column(name, sa.BigInteger))
