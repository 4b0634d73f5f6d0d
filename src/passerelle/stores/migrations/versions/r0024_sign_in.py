"""Passkeys of accounts, and who their owners are to a provider of identities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add two tables."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    # a migration that stopped half-way is taken up again
    if "account_identity" not in there:
        op.create_table(
            "account_identity",
            sa.Column("id", _SERIAL, primary_key=True),
            sa.Column("account_id", sa.BigInteger, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("issuer", "subject")),
            sa.Column("by_groups", sa.Boolean, nullable=False),
            sa.Column("at", sa.BigInteger, nullable=False),
            sqlite_autoincrement=True,
        )
    if "passkey" not in there:
        op.create_table(
            "passkey",
            sa.Column("id", _SERIAL, primary_key=True),
            sa.Column("account_id", sa.BigInteger, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("credential", "public_key", "name", "handle")),
            sa.Column("sign_count", sa.BigInteger, nullable=False),
            *(sa.Column(name, sa.Boolean, nullable=False) for name in ("may_be_copied", "is_copied")),
            sa.Column("made_at", sa.BigInteger, nullable=False),
            sa.Column("used_at", sa.BigInteger),
            sqlite_autoincrement=True,
        )
    op.create_index("ix_account_identity", "account_identity", ["issuer", "subject"], unique=True, if_not_exists=True)
    op.create_index("ix_passkey_credential", "passkey", ["credential"], unique=True, if_not_exists=True)
