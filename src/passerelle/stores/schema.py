"""Tables of the journal, the quarantine and the consents, as the code sees them; `migrations` creates them.

The journal holds digests, counts, codes, our own ids and times. What could say more is sealed: a source's cursor, a
destination's own id, an audit entry's words, a quarantined payload. Persons and refs are keyed pseudonyms.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from sqlalchemy import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000
"""Microseconds of a day."""


class InstantType(TypeDecorator[datetime]):
    """A moment, stored as microseconds since 1970 UTC: it sorts and adds up the same on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return microseconds. Raises TypeError for a naive time: its meaning depends on the machine."""
        del dialect
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the moment, aware, UTC."""
        del dialect
        return None if value is None else from_microseconds(value)


def to_microseconds(value: datetime) -> int:
    """Return microseconds since 1970 UTC. Raises TypeError for a naive time."""
    return (value - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the moment, aware, UTC."""
    return _EPOCH + value * _MICROSECOND


Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column declared INTEGER."""

metadata = MetaData()

# Holds a MAC of the key in use: opening the journal with another key is noticed before anything is written.
seal_check = Table(
    "seal_check",
    metadata,
    Column("mac", LargeBinary, primary_key=True),
)

run = Table(
    "run",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("flows", Text, nullable=False),
    Column("started_at", InstantType, nullable=False),
    Column("ended_at", InstantType),
    Column("outcome", Text, nullable=False, default=""),
)

flow = Table(
    "flow",
    metadata,
    Column("name", Text, primary_key=True),
    Column("cursor", LargeBinary),
    Column("suspended_code", Text),
    Column("suspended_at", InstantType),
    Column("heard_at", InstantType),
)

parcel = Table(
    "parcel",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received_at", InstantType, nullable=False),
    Column("block_bytes", BigInteger, nullable=False),
    Column("block_rows", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", InstantType),
    Column("closed_at", InstantType),
    Column("digest", Text, nullable=False, server_default=""),
    # 0: registered by a version that knew bytes only
    Column("marked", Integer, nullable=False, server_default="0"),
    Column("named_at", InstantType),
    # Number of the last parcel before a new delivery of everything: what those brought is sent whatever it holds.
    Column("redelivers", BigInteger),
    # The answer of a person for this parcel, when it lacks columns: `keep` or `empty`; empty: as the settings say.
    Column("absent", Text, nullable=False, server_default=""),
    # What fills the sentence of `code`, as JSON: names of columns, our own words.
    Column("details", Text, nullable=False, server_default=""),
    UniqueConstraint("flow", "key", name="uq_parcel"),
    Index("ix_parcel_state", "flow", "state"),
    Index("ix_parcel_digest", "digest", "flow"),
    Index("ix_parcel_named", "flow", "named_at"),
)

# Places and states of what a source showed, as keyed pseudonyms: the latest state of each place.
arrival = Table(
    "arrival",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("place", LargeBinary, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("at", InstantType, nullable=False),
    sqlite_with_rowid=False,  # as `known_remote`
)

# The supplier's columns that fed fields of a flow: a parcel that lacks one of them says nothing of these fields.
column_met = Table(
    "column_met",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("column_name", Text, primary_key=True),
    sqlite_with_rowid=False,
)

_FATES = " + ".join(fate.value for fate in Fate)

batch = Table(
    "batch",
    metadata,
    Column("parcel_id", BigInteger, ForeignKey("parcel.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run_id", BigInteger, ForeignKey("run.id"), nullable=False),
    Column("received", BigInteger, nullable=False),
    *(Column(fate.value, BigInteger, nullable=False) for fate in Fate),
    Column("withheld_values", BigInteger, nullable=False),
    Column("warnings", BigInteger, nullable=False),
    Column("vanished", BigInteger, nullable=False, server_default="0"),
    Column("withdrawn", BigInteger, nullable=False, server_default="0"),
    Column("settled_at", InstantType, nullable=False),
    # The last guard of the balance, behind the one of `Journal.settle`.
    CheckConstraint(f"received = {_FATES}", name="ck_batch_balances"),
)

batch_reason = Table(
    "batch_reason",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("parcel_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("contract", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("column_name", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("fate", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    ForeignKeyConstraint(["parcel_id", "number"], ["batch.parcel_id", "batch.number"]),
    Index("ix_batch_reason", "parcel_id", "number"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("parcel_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("fate", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("last_line", BigInteger, nullable=False),
    Column("member", Text, nullable=False),
    Column("column_name", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("payload", LargeBinary),
    Column("created_at", InstantType, nullable=False),
    Column("expires_at", InstantType, nullable=False),
    Column("closed_at", InstantType),
    Column("replay", Text, nullable=False, default=""),
    Column("likeness", LargeBinary),  # no index: see `fingerprint_index`
    ForeignKeyConstraint(["parcel_id", "number"], ["batch.parcel_id", "batch.number"]),
    UniqueConstraint("parcel_id", "number", "ordinal", name="uq_quarantine"),
    Index("ix_quarantine_state", "state", "expires_at"),
    Index("ix_quarantine_replay", "replay"),
)

# A flow and a contract, numbered: piles hold the number in place of the two names.
scope = Table(
    "scope",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("contract", Text, nullable=False),
    UniqueConstraint("flow", "contract", name="uq_scope"),
)

known = Table(
    "known",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("scope_id", BigInteger, ForeignKey("scope.id"), nullable=False),
    Column("ref_keys", LargeBinary, nullable=False),
    Column("contents", LargeBinary, nullable=False),
    Column("versions", LargeBinary, nullable=False),
    Column("parcels", LargeBinary, nullable=False),
    Column("moments", LargeBinary),
    Column("digest", LargeBinary),  # of the other columns; none in a pile of an earlier version
    Index("ix_known_scope", "scope_id"),
    sqlite_autoincrement=True,  # the number of a merged pile must never name another one: `RefIndex` caches by it
)

known_remote = Table(
    "known_remote",
    metadata,
    Column("scope_id", BigInteger, ForeignKey("scope.id"), primary_key=True),
    Column("ref_key", LargeBinary, primary_key=True),
    Column("remote", LargeBinary, nullable=False),
    sqlite_with_rowid=False,  # clustered by its key: one tree to write instead of a table and its index
)

audit = Table(
    "audit",
    metadata,
    # Numbered by the code: a sequence leaves gaps at a rollback, and a gap means a removed entry.
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("at", InstantType, nullable=False),
    Column("action", Text, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

# What a person should look at and is no row: raised and cleared by the engine, one of each code for a flow.
notice = Table(
    "notice",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("since", InstantType, nullable=False),
    Column("seen_at", InstantType, nullable=False),
    Column("details", Text, nullable=False),
)

# The sealed list of the refs in the latest whole export of a flow, named by the digest under which it is kept.
whole_list = Table(
    "whole_list",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("parcel_id", BigInteger, nullable=False),
    Column("made_at", InstantType, nullable=False),
)

# What a person confirmed of one parcel: the code of the reason for which it was held.
confirmation = Table(
    "confirmation",
    metadata,
    Column("parcel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
    Column("at", InstantType, nullable=False),
)

consent = Table(
    "consent",
    metadata,
    Column("person", LargeBinary, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("accepted", Integer, nullable=False),
    Column("recorded_at", InstantType, nullable=False),
)
