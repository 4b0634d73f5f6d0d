"""Who works for several organisations reads when the flows of all of them are due, and nothing else of them."""

from __future__ import annotations

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table: `tenant_tables` adds the policy, on PostgreSQL alone."""
