"""First revision: all tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Create all tables, where they do not exist yet."""
    # A start may have been killed between tables where the engine commits them one by one.
    _create_runs_and_flows()
    _create_parcels()
    _create_batches()
    _create_quarantine()
    _create_known()
    _create_audit_and_consents()


def _make_text_columns(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _make_number_columns(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _make_bytes_columns(*names: str) -> list[Column[bytes]]:
    return [Column(name, LargeBinary, nullable=False) for name in names]


def _make_optional_columns(kind: type[TypeEngine[Any]], *names: str) -> list[Column[Any]]:
    return [Column(name, kind, nullable=True) for name in names]


def _make_serial_column() -> Column[int]:
    return Column("id", _SERIAL, primary_key=True)


def _create_runs_and_flows() -> None:
    op.create_table("seal_check", Column("mac", LargeBinary, primary_key=True), if_not_exists=True)
    op.create_table(
        "run",
        _make_serial_column(),
        *_make_text_columns("flows"),
        *_make_number_columns("started_at"),
        *_make_optional_columns(BigInteger, "ended_at"),
        *_make_text_columns("outcome"),
        if_not_exists=True,
    )
    op.create_table(
        "flow",
        Column("name", Text, primary_key=True),
        *_make_optional_columns(LargeBinary, "cursor"),
        *_make_optional_columns(Text, "suspended_code"),
        *_make_optional_columns(BigInteger, "suspended_at"),
        if_not_exists=True,
    )


def _create_parcels() -> None:
    op.create_table(
        "parcel",
        _make_serial_column(),
        *_make_text_columns("flow", "digest", "kind"),
        *_make_number_columns("size", "received_at", "block_bytes", "block_rows"),
        *_make_text_columns("state", "code"),
        Column("attempts", Integer, nullable=False),
        *_make_optional_columns(BigInteger, "not_before", "closed_at"),
        UniqueConstraint("flow", "digest", name="uq_parcel"),
        if_not_exists=True,
    )
    op.create_index("ix_parcel_state", "parcel", ["flow", "state"], if_not_exists=True)


def _create_batches() -> None:
    fates = ("delivered", "unchanged", "duplicate", "unreadable", "rejected", "withheld", "refused", "unknown")
    op.create_table(
        "batch",
        *_make_number_columns("parcel_id"),
        Column("number", Integer, nullable=False),
        *_make_number_columns("run_id", "received", *fates, "withheld_values", "warnings", "settled_at"),
        PrimaryKeyConstraint("parcel_id", "number"),
        ForeignKeyConstraint(["parcel_id"], ["parcel.id"]),
        ForeignKeyConstraint(["run_id"], ["run.id"]),
        CheckConstraint(f"received = {' + '.join(fates)}", name="ck_batch_balances"),
        if_not_exists=True,
    )
    op.create_table(
        "batch_reason",
        _make_serial_column(),
        *_make_number_columns("parcel_id"),
        Column("number", Integer, nullable=False),
        *_make_text_columns("contract", "member", "code", "column_name", "field", "fate"),
        *_make_number_columns("count"),
        ForeignKeyConstraint(["parcel_id", "number"], ["batch.parcel_id", "batch.number"]),
        if_not_exists=True,
    )
    op.create_index("ix_batch_reason", "batch_reason", ["parcel_id", "number"], if_not_exists=True)


def _create_quarantine() -> None:
    op.create_table(
        "quarantine",
        _make_serial_column(),
        *_make_number_columns("parcel_id"),
        Column("number", Integer, nullable=False),
        Column("ordinal", Integer, nullable=False),
        *_make_text_columns("state", "fate", "reason", "contract"),
        *_make_number_columns("line", "last_line"),
        *_make_text_columns("member", "column_name", "field", "facts"),
        *_make_optional_columns(LargeBinary, "payload"),
        *_make_number_columns("created_at", "expires_at"),
        *_make_optional_columns(BigInteger, "closed_at"),
        *_make_text_columns("replay"),
        *_make_optional_columns(LargeBinary, "likeness"),
        ForeignKeyConstraint(["parcel_id", "number"], ["batch.parcel_id", "batch.number"]),
        UniqueConstraint("parcel_id", "number", "ordinal", name="uq_quarantine"),
        if_not_exists=True,
    )
    op.create_index("ix_quarantine_state", "quarantine", ["state", "expires_at"], if_not_exists=True)
    op.create_index("ix_quarantine_likeness", "quarantine", ["likeness"], if_not_exists=True)
    op.create_index("ix_quarantine_replay", "quarantine", ["replay"], if_not_exists=True)


def _create_known() -> None:
    op.create_table(
        "scope",
        _make_serial_column(),
        *_make_text_columns("flow", "contract"),
        UniqueConstraint("flow", "contract", name="uq_scope"),
        if_not_exists=True,
    )
    op.create_table(
        "known",
        _make_serial_column(),
        *_make_number_columns("scope_id"),
        *_make_bytes_columns("ref_keys", "contents", "versions", "parcels"),
        ForeignKeyConstraint(["scope_id"], ["scope.id"]),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_known_scope", "known", ["scope_id"], if_not_exists=True)
    op.create_table(
        "known_remote",
        *_make_number_columns("scope_id"),
        *_make_bytes_columns("ref_key", "remote"),
        PrimaryKeyConstraint("scope_id", "ref_key"),
        ForeignKeyConstraint(["scope_id"], ["scope.id"]),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )


def _create_audit_and_consents() -> None:
    op.create_table(
        "audit",
        Column("entry", BigInteger, primary_key=True, autoincrement=False),
        *_make_number_columns("at"),
        *_make_text_columns("action"),
        Column("words", LargeBinary, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "consent",
        Column("person", LargeBinary, nullable=False),
        *_make_text_columns("purpose"),
        Column("accepted", Integer, nullable=False),
        *_make_number_columns("recorded_at"),
        PrimaryKeyConstraint("person", "purpose"),
        if_not_exists=True,
    )
