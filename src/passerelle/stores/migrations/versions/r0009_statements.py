"""Answers become statements: appended only, with what proves them; professionals and recipients have a place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INDEXED = ("subject", "caseless", "zeroless", "plain")


def upgrade() -> None:
    """Add the table and move the answers of earlier versions into it, in the order in which they were given."""
    op.create_table(
        "statement",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.LargeBinary) for name in _INDEXED[1:]),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("answer", sa.Integer),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("text_version", sa.Text, nullable=False),
        sa.Column("proof", sa.Text, nullable=False),
        sa.Column("words", sa.LargeBinary),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    for name in _INDEXED:
        op.create_index(f"ix_statement_{name}", "statement", [name], if_not_exists=True)
    if sa.inspect(op.get_bind()).has_table("consent"):
        # An answer for all purposes replaced those before it: at the same moment it comes first.
        op.execute(
            "INSERT INTO statement (subject, purpose, recipient, answer, since, recorded_at, text_version, proof) "
            "SELECT person, purpose, '*', accepted, recorded_at, recorded_at, '', '' FROM consent "
            "ORDER BY recorded_at, CASE purpose WHEN '*' THEN 0 ELSE 1 END"
        )
        op.drop_table("consent")
