"""Under which rule of consent each shelf was read last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table."""
    # a migration that stopped half-way is taken up again
    if "followed_rule" not in set(sa.inspect(op.get_bind()).get_table_names()):
        op.create_table(
            "followed_rule",
            sa.Column("flow", sa.Text, nullable=False),
            sa.Column("reader", sa.Text, nullable=False),
            sa.Column("rule", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("flow", "reader"),
        )
