"""Which records clients wrote through the API, and what followers of a shelf were told of those that are withheld."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add tables."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    # a migration that stopped half-way is taken up again
    if "written_record" not in there:
        op.create_table(
            "written_record",
            sa.Column("id", _SERIAL, primary_key=True),
            sa.Column("contract", sa.Text, nullable=False),
            sa.Column("ref_key", sa.LargeBinary, nullable=False),
            sa.Column("receipt", sa.Text, nullable=False),
            sa.Column("at", sa.BigInteger, nullable=False),
            sqlite_autoincrement=True,
        )
    if "withheld_told" not in there:
        op.create_table(
            "withheld_told",
            sa.Column("audience", sa.LargeBinary, nullable=False),
            sa.Column("ref_key", sa.LargeBinary, nullable=False),
            sa.Column("number", sa.BigInteger, nullable=False),
            sa.PrimaryKeyConstraint("audience", "ref_key"),
        )
    if "renewal_mark" not in there:
        op.create_table(
            "renewal_mark",
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("statement", sa.BigInteger, nullable=False),
            sa.Column("at", sa.BigInteger, nullable=False),
        )
    if "told" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("subscription")}:
        op.add_column("subscription", sa.Column("told", sa.BigInteger, nullable=False, server_default="0"))
    indexes = {"ix_written_record": ["contract", "ref_key"], "ix_written_record_receipt": ["receipt"]}
    for name, columns in indexes.items():
        op.create_index(name, "written_record", columns, if_not_exists=True)
