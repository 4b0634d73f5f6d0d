"""Tables of what those who follow a shelf are told of answers of persons. Beside those of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from passerelle.stores.instants import InstantType
from passerelle.stores.workbench_schema import metadata

__all__ = ["followed_rule", "metadata", "renewal_mark", "withheld_told"]

# Which records that are withheld were told as removed, to whom, and under which number of the shelf: once is enough.
withheld_told = Table(
    "withheld_told",
    metadata,
    # a digest under a key: who reads, for which purpose, which shelf
    Column("audience", LargeBinary, nullable=False),
    # the journal's pseudonym of the reference
    Column("ref_key", LargeBinary, nullable=False),
    Column("number", BigInteger, nullable=False),
    PrimaryKeyConstraint("audience", "ref_key"),
)

# Up to which statement, and up to which moment, followers were brought by the records of who answered.
renewal_mark = Table(
    "renewal_mark",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("statement", BigInteger, nullable=False),
    Column("at", InstantType, nullable=False),
)

# Under which rule of consent the shelf of a flow was read last, by runs and by servers: each goes by settings it read.
followed_rule = Table(
    "followed_rule",
    metadata,
    Column("flow", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("rule", Text, nullable=False),
    PrimaryKeyConstraint("flow", "reader"),
)
