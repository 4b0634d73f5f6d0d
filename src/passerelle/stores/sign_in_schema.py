"""Tables of the ways to sign in beside password and code: passkeys, and who somebody is to a provider of identities."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from passerelle.stores.foreign_words import WordType
from passerelle.stores.instants import InstantType
from passerelle.stores.schema import Serial
from passerelle.stores.workbench_schema import metadata

__all__ = ["account_identity", "metadata", "passkey"]

# Which account a person has whom a provider of identities knows under a subject.
account_identity = Table(
    "account_identity",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("issuer", WordType, nullable=False),
    Column("subject", WordType, nullable=False),
    # whether the account was made for the groups that the provider tells, and has the roles of these
    Column("by_groups", Boolean, nullable=False),
    Column("at", InstantType, nullable=False),
    Index("ix_account_identity", "issuer", "subject", unique=True),
    sqlite_autoincrement=True,
)

# A passkey: what its device shows is held against the public key. No attestation is kept: whoever made it is nobody's
# matter.
passkey = Table(
    "passkey",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("credential", WordType, nullable=False),
    Column("public_key", Text, nullable=False),
    # the owner's word for it
    Column("name", WordType, nullable=False),
    # what the device knows the account by: chance, which says nothing
    Column("handle", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    # whether it may lie on several devices, and does
    Column("may_be_copied", Boolean, nullable=False),
    Column("is_copied", Boolean, nullable=False),
    Column("made_at", InstantType, nullable=False),
    Column("used_at", InstantType),
    Index("ix_passkey_credential", "credential", unique=True),
    sqlite_autoincrement=True,
)
