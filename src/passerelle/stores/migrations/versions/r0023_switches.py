"""What comparisons and rollbacks of changes of supplier found, one row each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add a table."""
    # a migration that stopped half-way is taken up again
    if "switch_finding" not in sa.inspect(op.get_bind()).get_table_names():
        op.create_table(
            "switch_finding",
            sa.Column("id", _SERIAL, primary_key=True),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("change", "kind", "content", "who")),
            sa.Column("at", sa.BigInteger, nullable=False),
            sqlite_autoincrement=True,
        )
    op.create_index("ix_switch_finding", "switch_finding", ["change", "kind", "id"], if_not_exists=True)
