"""Tables of the workbench: what is not released or applied yet, who follows a cause, accounts, sessions.

Beside those of `schema`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from passerelle.stores.foreign_words import WordType
from passerelle.stores.instants import InstantType
from passerelle.stores.schema import Serial, metadata

__all__ = ["account", "cause_note", "description_draft", "draft", "metadata", "web_session"]

# The corrected cells of a quarantined item, sealed, until they are released or the item ends.
draft = Table(
    "draft",
    metadata,
    Column("item_id", BigInteger, primary_key=True, autoincrement=False),
    # counts its changes: who changes an older one than is there is told so
    Column("version", Integer, nullable=False),
    Column("cells", LargeBinary, nullable=False),
    # the reason code that the row would have, empty when it would be accepted
    Column("verdict", Text, nullable=False),
    Column("who", WordType, nullable=False),
    Column("at", InstantType, nullable=False),
)

# Who may sign in to the workbench. `secret` is an argon2 hash, empty until the invitation was taken up.
account = Table(
    "account",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", WordType, nullable=False),
    Column("secret", Text, nullable=False),
    # the key of the codes that a telephone shows, and the last step for which one was taken
    Column("code_key", WordType, nullable=False),
    Column("code_step", BigInteger, nullable=False),
    Column("roles", Text, nullable=False),
    Column("flows", Text, nullable=False),
    # the digest of a code that may be used once, until a moment
    Column("invitation", Text, nullable=False),
    Column("invited_until", InstantType),
    Column("disabled_at", InstantType),
    Index("ix_account_name", "name", unique=True),
    sqlite_autoincrement=True,
)

# Descriptions of suppliers that somebody works on in the workshop: every version stays, so that two can be compared.
# `content` holds the description and the words of its code tables.
description_draft = Table(
    "description_draft",
    metadata,
    Column("draft", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("content", WordType, nullable=False),
    Column("who", WordType, nullable=False),
    Column("at", InstantType, nullable=False),
)

# Who follows a cause of the quarantine, and what they noted for whoever looks next.
cause_note = Table(
    "cause_note",
    metadata,
    Column("cause_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("assignee", WordType, nullable=False),
    Column("note", WordType, nullable=False),
    Column("who", WordType, nullable=False),
    Column("at", InstantType, nullable=False),
)

# Sessions of accounts, by the digest of their token: what a copy of the state holds opens none.
web_session = Table(
    "web_session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("began", InstantType, nullable=False),
    Column("seen", InstantType, nullable=False),
)
