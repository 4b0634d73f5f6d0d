"""Likenesses are looked up without an index (`passerelle.stores.fingerprint_index`)."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_quarantine_likeness", table_name="quarantine", if_exists=True)
