"""Tokens of the live API, who read of whom through it, and what was handed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add three tables."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    # a migration that stopped half-way is taken up again
    if "api_token" not in there:
        op.create_table(
            "api_token",
            sa.Column("id", _SERIAL, primary_key=True),
            sa.Column("digest", sa.LargeBinary, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("client", "contracts", "purposes", "recipient")),
            *(sa.Column(name, sa.Boolean, nullable=False) for name in ("may_write", "may_bulk")),
            *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("made_at", "ends_at")),
            sa.Column("ended_at", sa.BigInteger),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("who", "why")),
            sqlite_autoincrement=True,
        )
    op.create_index("ix_api_token_digest", "api_token", ["digest"], unique=True, if_not_exists=True)
    if "person_reading" not in there:
        op.create_table(
            "person_reading",
            sa.Column("subject", sa.LargeBinary, nullable=False),
            sa.Column("day", sa.Date, nullable=False),
            sa.Column("token_id", sa.Integer, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("contract", "purpose")),
            sa.Column("records", sa.Integer, nullable=False),
            sa.Column("last_at", sa.BigInteger, nullable=False),
            sa.PrimaryKeyConstraint("subject", "day", "token_id", "contract", "purpose"),
        )
    if "handing" not in there:
        op.create_table(
            "handing",
            sa.Column("receipt", sa.Text, primary_key=True),
            sa.Column("token_id", sa.Integer, nullable=False),
            *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("key", "receipt_key", "body")),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("flow", "parcel", "contract")),
            sa.Column("at", sa.BigInteger, nullable=False),
        )
    op.create_index("ix_handing_key", "handing", ["token_id", "key"], unique=True, if_not_exists=True)
