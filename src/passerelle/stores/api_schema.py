"""Tables of the live API: tokens, who read of whom, and what was handed in. Beside those of `schema`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from passerelle.stores.foreign_words import WordType
from passerelle.stores.instants import InstantType
from passerelle.stores.schema import Serial
from passerelle.stores.workbench_schema import metadata

__all__ = ["api_token", "handing", "metadata", "person_reading"]

# Who may read and write through the API. Of the token itself only the SHA-256 is kept: it is 32 random bytes, which
# nobody finds by trying.
api_token = Table(
    "api_token",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("client", WordType, nullable=False),
    Column("contracts", Text, nullable=False),
    Column("purposes", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("may_write", Boolean, nullable=False),
    Column("may_bulk", Boolean, nullable=False),
    Column("made_at", InstantType, nullable=False),
    Column("ends_at", InstantType, nullable=False),
    Column("ended_at", InstantType),
    Column("who", WordType, nullable=False),
    Column("why", WordType, nullable=False),
    Index("ix_api_token_digest", "digest", unique=True),
    sqlite_autoincrement=True,
)

# Who read of whom: one row a person, token, contract, purpose and day. The person is a keyed pseudonym.
person_reading = Table(
    "person_reading",
    metadata,
    Column("subject", LargeBinary, nullable=False),
    Column("day", Date, nullable=False),
    Column("token_id", Integer, nullable=False),
    Column("contract", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("last_at", InstantType, nullable=False),
    PrimaryKeyConstraint("subject", "day", "token_id", "contract", "purpose"),
)

# What clients handed in, by receipt. `key` and `body` are digests: of the key that makes a repetition the same, and of
# what came with it; `receipt_key` takes the place of a key that is too old to count.
handing = Table(
    "handing",
    metadata,
    Column("receipt", Text, primary_key=True),
    Column("token_id", Integer, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("receipt_key", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("flow", Text, nullable=False),
    Column("parcel", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("at", InstantType, nullable=False),
    Index("ix_handing_key", "token_id", "key", unique=True),
)
