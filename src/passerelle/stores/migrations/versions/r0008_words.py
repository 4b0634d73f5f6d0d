"""Foreign words are sealed: a mark says in which form they are; the journal, which has the key, seals older ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of the mark, empty: nothing is sealed yet."""
    if not sa.inspect(op.get_bind()).has_table("word_form"):  # a migration that stopped half-way is taken up again
        op.create_table("word_form", sa.Column("form", sa.Integer, primary_key=True, autoincrement=False))
