"""Tables of the journal, the quarantine and the consents, as the code sees them; `migrations` creates them.

The journal holds digests, counts, codes, our own ids and times. What could say more is sealed: a source's cursor, a
destination's own id, an audit entry's words, a quarantined payload, every foreign word (`WordType`: names of columns
and sheets, details of reasons). Persons and refs are keyed pseudonyms.
"""

from __future__ import annotations

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
    UniqueConstraint,
)

from passerelle.stores.foreign_words import WordType
from passerelle.stores.instants import InstantType
from passerelle.vocabulary.outcomes import Fate

Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column declared INTEGER."""

metadata = MetaData()

# Holds a MAC of the key in use: opening the journal with another key is noticed before anything is written.
seal_check = Table(
    "seal_check",
    metadata,
    Column("mac", LargeBinary, primary_key=True),
)

# The form in which foreign words are kept: 1 since all of them are sealed; no row: an earlier version wrote them.
word_form = Table(
    "word_form",
    metadata,
    Column("form", Integer, primary_key=True, autoincrement=False),
)

# The name of the keyring that holds the data keys of this journal.
keyring_mark = Table(
    "keyring_mark",
    metadata,
    Column("name", Text, primary_key=True),
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
    Column("suspended_details", WordType),
    Column("heard_at", InstantType),
    Column("source_away_at", InstantType),  # none: it is there
    Column("destination_away_at", InstantType),
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
    Column("details", WordType, nullable=False, server_default=""),
    # Number of the first of the parcels that are delivered together; null until that is decided.
    Column("group_id", BigInteger),
    # What it is called outside, and the turn in which it was first delivered; empty and null until it is.
    Column("outside", Text, nullable=False, server_default=""),
    Column("turn", BigInteger),
    UniqueConstraint("flow", "key", name="uq_parcel"),
    Index("ix_parcel_state", "flow", "state"),
    Index("ix_parcel_digest", "digest", "flow"),
    Index("ix_parcel_named", "flow", "named_at"),
    Index("ix_parcel_turn", "flow", "turn"),
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
    Column("member", WordType, primary_key=True),
    Column("column_name", WordType, primary_key=True),
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
    Index("ix_batch_settled", "settled_at"),
    Index("ix_batch_run", "run_id"),
)

batch_reason = Table(
    "batch_reason",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("parcel_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("contract", Text, nullable=False),
    Column("member", WordType, nullable=False),
    Column("code", Text, nullable=False),
    Column("column_name", WordType, nullable=False),
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
    Column("member", WordType, nullable=False),
    Column("column_name", WordType, nullable=False),
    Column("field", Text, nullable=False),
    Column("facts", WordType, nullable=False),
    Column("payload", LargeBinary),
    Column("created_at", InstantType, nullable=False),
    Column("expires_at", InstantType, nullable=False),
    Column("closed_at", InstantType),
    Column("replay", Text, nullable=False, default=""),
    Column("likeness", LargeBinary),  # no index: see `fingerprint_index`
    Column("cause_id", BigInteger),
    ForeignKeyConstraint(["parcel_id", "number"], ["batch.parcel_id", "batch.number"]),
    UniqueConstraint("parcel_id", "number", "ordinal", name="uq_quarantine"),
    Index("ix_quarantine_state", "state", "expires_at"),
    Index("ix_quarantine_replay", "replay"),
    Index("ix_quarantine_cause", "cause_id", "state", "id"),
)

# How many items of each cause are in each state: kept with them, so that nobody has to count what waits.
quarantine_cause = Table(
    "quarantine_cause",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("fate", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("member", WordType, nullable=False),
    Column("column_name", WordType, nullable=False),
    Column("field", Text, nullable=False),
    Column("example", WordType, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    Column("replaying", BigInteger, nullable=False),
    Column("replayed", BigInteger, nullable=False),
    Column("discarded", BigInteger, nullable=False),
    Column("superseded", BigInteger, nullable=False),
    Column("expired", BigInteger, nullable=False),
    # no unique key: names of columns may be longer than an index of PostgreSQL takes; who settles holds the flow
    Index("ix_cause_flow", "flow", "reason"),
    sqlite_autoincrement=True,  # an address names it: its number must never name another one
)

# A flow and a contract, numbered: blocks hold the number in place of the two names.
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
    Column("digest", LargeBinary),  # of the other columns; none in a block of an earlier version
    Index("ix_known_scope", "scope_id"),
    sqlite_autoincrement=True,  # the number of a merged block must never name another one: `RefIndex` caches by it
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
    # Of the words as they were chained, once they were erased or sealed anew.
    Column("digest", LargeBinary),
)

# Whom the records of one delivery are about, as a sealed table of refs: what a withdrawal or an erasure has to reach.
subject_list = Table(
    "subject_list",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("made_at", InstantType, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("ix_subject_list_flow", "flow", "contract"),
)

# An erasure or a withdrawal under way: its persons and reason, sealed, and the steps that are done.
person_act = Table(
    "person_act",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("act", Text, nullable=False),
    Column("persons", LargeBinary, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("done", Text, nullable=False, server_default=""),
    Column("begun_at", InstantType, nullable=False),
)

# What a person should look at and is no row: raised and cleared by the engine, one of each code for a flow.
notice = Table(
    "notice",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("since", InstantType, nullable=False),
    Column("seen_at", InstantType, nullable=False),
    Column("details", WordType, nullable=False),
)

# What people are told of: a fault of a flow (of the installation, when it names none), as long as it lasts.
alert = Table(
    "alert",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("since", InstantType, nullable=False),
    Column("told_at", InstantType),  # none: not told yet
    Column("details", WordType, nullable=False),
)

# A message about faults that came and went, until every channel has taken it; its number never names another one.
alert_message = Table(
    "alert_message",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("made_at", InstantType, nullable=False),
    Column("facts", WordType, nullable=False),
    sqlite_autoincrement=True,
)

# The channels that have not taken a message yet.
incident_sending = Table(
    "incident_sending",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),
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

# What persons and professionals said, appended only. A subject is a keyed pseudonym; the three columns after it are
# those of the forms that a supplier's rule of spelling may hold to be the same.
statement = Table(
    "statement",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("subject", LargeBinary, nullable=False),
    Column("caseless", LargeBinary),
    Column("zeroless", LargeBinary),
    Column("plain", LargeBinary),
    Column("purpose", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    # 1: yes, 0: no, none: what was said before counts no more
    Column("answer", Integer),
    Column("since", InstantType, nullable=False),
    Column("until", InstantType),
    Column("recorded_at", InstantType, nullable=False),
    Column("text_version", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("words", LargeBinary),
    Index("ix_statement_subject", "subject"),
    Index("ix_statement_caseless", "caseless"),
    Index("ix_statement_zeroless", "zeroless"),
    Index("ix_statement_plain", "plain"),
    sqlite_autoincrement=True,  # a number is never given twice: order is what decides
)
