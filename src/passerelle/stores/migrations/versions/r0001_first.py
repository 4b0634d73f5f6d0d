"""The first tables."""

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
    """Create everything. Each statement may find its work done already."""
    _runs_and_flows()
    _parcels()
    _batches()
    _quarantine()
    _known()
    _audit_and_consents()


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _bytes(*names: str) -> list[Column[bytes]]:
    return [Column(name, LargeBinary, nullable=False) for name in names]


def _optional(kind: type[TypeEngine[Any]], *names: str) -> list[Column[Any]]:
    return [Column(name, kind, nullable=True) for name in names]


def _serial() -> Column[int]:
    return Column("id", _SERIAL, primary_key=True)


def _runs_and_flows() -> None:
    op.create_table("seal_check", Column("mac", LargeBinary, primary_key=True), if_not_exists=True)
    op.create_table(
        "run",
        _serial(),
        *_text("flows"),
        *_numbers("started_at"),
        *_optional(BigInteger, "ended_at"),
        *_text("outcome"),
        if_not_exists=True,
    )
    op.create_table(
        "flow",
        Column("name", Text, primary_key=True),
        *_optional(LargeBinary, "cursor"),
        *_optional(Text, "suspended_code"),
        *_optional(BigInteger, "suspended_at"),
        if_not_exists=True,
    )


def _parcels() -> None:
    op.create_table(
        "parcel",
        _serial(),
        *_text("flow", "digest", "kind"),
        *_numbers("size", "received_at", "block_bytes", "block_rows"),
        *_text("state", "code"),
        Column("attempts", Integer, nullable=False),
        *_optional(BigInteger, "not_before", "closed_at"),
        UniqueConstraint("flow", "digest", name="uq_parcel"),
        if_not_exists=True,
    )
    op.create_index("ix_parcel_state", "parcel", ["flow", "state"], if_not_exists=True)


def _batches() -> None:
    fates = ("delivered", "unchanged", "duplicate", "unreadable", "rejected", "withheld", "refused", "unknown")
    op.create_table(
        "batch",
        *_numbers("parcel_id"),
        Column("number", Integer, nullable=False),
        *_numbers("run_id", "received", *fates, "withheld_values", "warnings", "settled_at"),
        PrimaryKeyConstraint("parcel_id", "number"),
        ForeignKeyConstraint(["parcel_id"], ["parcel.id"]),
        ForeignKeyConstraint(["run_id"], ["run.id"]),
        CheckConstraint(f"received = {' + '.join(fates)}", name="ck_batch_balances"),
        if_not_exists=True,
    )
    op.create_table(
        "batch_reason",
        _serial(),
        *_numbers("parcel_id"),
        Column("number", Integer, nullable=False),
        *_text("contract", "member", "code", "column_name", "field", "fate"),
        *_numbers("count"),
        ForeignKeyConstraint(["parcel_id", "number"], ["batch.parcel_id", "batch.number"]),
        if_not_exists=True,
    )
    op.create_index("ix_batch_reason", "batch_reason", ["parcel_id", "number"], if_not_exists=True)


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        _serial(),
        *_numbers("parcel_id"),
        Column("number", Integer, nullable=False),
        Column("ordinal", Integer, nullable=False),
        *_text("state", "fate", "reason", "contract"),
        *_numbers("line", "last_line"),
        *_text("member", "column_name", "field", "facts"),
        *_optional(LargeBinary, "payload"),
        *_numbers("created_at", "expires_at"),
        *_optional(BigInteger, "closed_at"),
        *_text("replay"),
        *_optional(LargeBinary, "likeness"),
        ForeignKeyConstraint(["parcel_id", "number"], ["batch.parcel_id", "batch.number"]),
        UniqueConstraint("parcel_id", "number", "ordinal", name="uq_quarantine"),
        if_not_exists=True,
    )
    op.create_index("ix_quarantine_state", "quarantine", ["state", "expires_at"], if_not_exists=True)
    op.create_index("ix_quarantine_likeness", "quarantine", ["likeness"], if_not_exists=True)
    op.create_index("ix_quarantine_replay", "quarantine", ["replay"], if_not_exists=True)


def _known() -> None:
    op.create_table(
        "scope",
        _serial(),
        *_text("flow", "contract"),
        UniqueConstraint("flow", "contract", name="uq_scope"),
        if_not_exists=True,
    )
    op.create_table(
        "known",
        _serial(),
        *_numbers("scope_id"),
        *_bytes("ref_keys", "contents", "versions", "parcels"),
        ForeignKeyConstraint(["scope_id"], ["scope.id"]),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_known_scope", "known", ["scope_id"], if_not_exists=True)
    op.create_table(
        "known_remote",
        *_numbers("scope_id"),
        *_bytes("ref_key", "remote"),
        PrimaryKeyConstraint("scope_id", "ref_key"),
        ForeignKeyConstraint(["scope_id"], ["scope.id"]),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )


def _audit_and_consents() -> None:
    op.create_table(
        "audit",
        Column("entry", BigInteger, primary_key=True, autoincrement=False),
        *_numbers("at"),
        *_text("action"),
        Column("words", LargeBinary, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "consent",
        Column("person", LargeBinary, nullable=False),
        *_text("purpose"),
        Column("accepted", Integer, nullable=False),
        *_numbers("recorded_at"),
        PrimaryKeyConstraint("person", "purpose"),
        if_not_exists=True,
    )
