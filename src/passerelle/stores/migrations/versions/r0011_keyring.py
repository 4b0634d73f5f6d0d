"""A keyring beside the journal: its mark, the lists of subjects, acts about persons, digests of erased words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add tables and a column, empty; envelopes move into the keyring piece by piece, when a run tidies."""
    inspector = sa.inspect(op.get_bind())
    there = set(inspector.get_table_names())
    if "keyring_mark" not in there:  # a migration that stopped half-way is taken up again
        op.create_table("keyring_mark", sa.Column("name", sa.Text, primary_key=True))
    if "subject_list" not in there:
        op.create_table(
            "subject_list",
            sa.Column("id", _SERIAL, primary_key=True),
            sa.Column("flow", sa.Text, nullable=False),
            sa.Column("contract", sa.Text, nullable=False),
            sa.Column("made_at", sa.BigInteger, nullable=False),
            sa.Column("size", sa.BigInteger, nullable=False),
            sa.Column("content", sa.LargeBinary, nullable=False),
        )
        op.create_index("ix_subject_list_flow", "subject_list", ["flow", "contract"])
    if "person_act" not in there:
        op.create_table(
            "person_act",
            sa.Column("id", _SERIAL, primary_key=True),
            sa.Column("act", sa.Text, nullable=False),
            sa.Column("persons", sa.LargeBinary, nullable=False),
            sa.Column("words", sa.LargeBinary, nullable=False),
            sa.Column("done", sa.Text, nullable=False, server_default=""),
            sa.Column("begun_at", sa.BigInteger, nullable=False),
        )
    if "digest" not in {column["name"] for column in inspector.get_columns("audit")}:
        op.add_column("audit", sa.Column("digest", sa.LargeBinary))
