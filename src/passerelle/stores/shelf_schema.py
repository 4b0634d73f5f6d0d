"""Tables of the shelf: what flows delivered, in numbered and sealed segments. Beside those of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text

from passerelle.stores.instants import InstantType
from passerelle.stores.workbench_schema import metadata

__all__ = ["metadata", "shelf_body", "shelf_page", "shelf_pile", "shelf_scope", "shelf_segment"]

# One contract of one flow on the shelf. Its row is locked by whoever settles: numbers follow commits.
shelf_scope = Table(
    "shelf_scope",
    metadata,
    Column("scope_id", BigInteger, ForeignKey("scope.id"), primary_key=True, autoincrement=False),
    Column("purpose", Text, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("since", InstantType, nullable=False),
    # records that are there, without those that were removed
    Column("records", BigInteger, nullable=False),
    # 1 once somebody was erased: the journal forgot their refs, the shelf did not yet, so that versions say nothing
    Column("erased", Integer, nullable=False),
)

# Changes settled together, in order of their numbers, and which of them are the latest of their record.
shelf_segment = Table(
    "shelf_segment",
    metadata,
    Column("scope_id", BigInteger, ForeignKey("shelf_scope.scope_id"), primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    # which of its changes no later one replaced, and which of these removed their record: see `shelf_marks`
    Column("live", LargeBinary, nullable=False),
    # when the oldest of its changes was settled
    Column("oldest_at", InstantType, nullable=False),
)

# What the changes of a segment say, sealed: apart, so that to mark one as replaced rewrites some bytes.
shelf_body = Table(
    "shelf_body",
    metadata,
    Column("scope_id", BigInteger, ForeignKey("shelf_scope.scope_id"), primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

# Sorted piles of pseudonyms of refs, each with the number of the latest change of its record.
shelf_pile = Table(
    "shelf_pile",
    metadata,
    Column("scope_id", BigInteger, ForeignKey("shelf_scope.scope_id"), primary_key=True, autoincrement=False),
    # a later pile says what came later
    Column("pile", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Their pages, by the first pseudonym. With row numbers, as segments: SQLite keeps a table without them as an index,
# and to compare one key of it reads the whole row.
shelf_page = Table(
    "shelf_page",
    metadata,
    Column("scope_id", BigInteger, primary_key=True, autoincrement=False),
    Column("pile", BigInteger, primary_key=True, autoincrement=False),
    Column("head", LargeBinary, primary_key=True),
    Column("ref_keys", LargeBinary, nullable=False),
    Column("numbers", LargeBinary, nullable=False),
)
