"""Tables of subscriptions: who is told of changes on the shelf, how far, and how each attempt ended."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from passerelle.stores.foreign_words import WordType
from passerelle.stores.instants import InstantType
from passerelle.stores.schema import Serial
from passerelle.stores.workbench_schema import metadata

__all__ = ["metadata", "subscription", "subscription_attempt"]

# Address and secrets are sealed: in most products the address is a secret too.
subscription = Table(
    "subscription",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("token_id", BigInteger, nullable=False),
    Column("url", WordType, nullable=False),
    # JSON, the latest first; after a change both sign until the older one is dropped
    Column("secrets", WordType, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("contracts", Text, nullable=False),
    Column("tells_refs", Boolean, nullable=False),
    Column("allows_private", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    # why it is in this state: a reason code, or empty
    Column("code", Text, nullable=False),
    # JSON: by contract the cursor up to which its receiver has taken everything
    Column("positions", WordType, nullable=False),
    # of the next message: the same until it is taken, so that who gets it twice can tell
    Column("message", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    # events that its receiver has taken: those that it is told are numbered by it alone
    Column("told", BigInteger, nullable=False, server_default="0"),
    Column("next_at", InstantType),
    Column("taken_at", InstantType),
    Column("made_at", InstantType, nullable=False),
    sqlite_autoincrement=True,
)

subscription_attempt = Table(
    "subscription_attempt",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("subscription_id", BigInteger, nullable=False),
    Column("at", InstantType, nullable=False),
    Column("message", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
    # a status of HTTP, or a reason code
    Column("outcome", Text, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Index("ix_subscription_attempt", "subscription_id", "at"),
)
