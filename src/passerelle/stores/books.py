"""Reading the books: balances, parcels, reasons, runs. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, cast, func, select, type_coerce

from passerelle.stores import schema
from passerelle.stores.settlement import ReasonKey
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Row, Select

_BATCH = schema.batch.c
_PARCEL = schema.parcel.c
_REASON = schema.batch_reason.c
_COUNTS = (_BATCH.received, *(_BATCH[fate.value] for fate in Fate), _BATCH.withheld_values, _BATCH.warnings)
_SUMS = tuple(cast(func.coalesce(func.sum(column), 0), BigInteger).label(column.name) for column in _COUNTS)


@dataclass(frozen=True, slots=True)
class SettledBalance:
    """What one run settled of one parcel on one day (UTC). Add the balances up as needed."""

    flow: str
    parcel: str
    run: int
    day: date
    balance: Balance


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A parcel and where it stands."""

    flow: str
    digest: str
    kind: str
    state: str
    code: str
    """Why it waits or is parked."""
    size: int
    attempts: int
    not_before: datetime | None
    received_at: datetime
    closed_at: datetime | None
    batches: int
    """Settled so far."""
    balance: Balance


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run; one that was killed has no end."""

    id: int
    flows: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    outcome: str


def list_balances(connection: Connection, flow: str) -> tuple[SettledBalance, ...]:
    """Sum the settled batches by flow, parcel, run and day, in order of registration."""
    day = (type_coerce(_BATCH.settled_at, BigInteger) // schema.DAY).label("day")
    by = (_PARCEL.id, _PARCEL.flow, _PARCEL.digest, _BATCH.run_id, day)
    joined = select(*by, *_SUMS).select_from(schema.batch.join(schema.parcel))
    statement = _of_flow(joined.group_by(*by).order_by(_PARCEL.id, day, _BATCH.run_id), flow)
    return tuple(
        SettledBalance(row.flow, row.digest, row.run_id, schema.moment(row.day * schema.DAY).date(), _balance(row))
        for row in connection.execute(statement)
    )


def list_parcels(connection: Connection, flow: str) -> tuple[ParcelRow, ...]:
    """List parcels in order of registration, each with its books so far."""
    batches = func.count(_BATCH.number).label("batches")
    joined = select(schema.parcel, batches, *_SUMS).select_from(schema.parcel.outerjoin(schema.batch))
    statement = _of_flow(joined.group_by(*schema.parcel.columns).order_by(_PARCEL.id), flow)
    return tuple(_parcel_row(row) for row in connection.execute(statement))


def count_reasons(connection: Connection, flow: str, parcel: str, run: int | None) -> dict[ReasonKey, int]:
    """Count by reason, most frequent first; each narrowing word is optional."""
    by = (_REASON.contract, _REASON.member, _REASON.code, _REASON.column_name, _REASON.field, _REASON.fate)
    total = cast(func.sum(_REASON.count), BigInteger).label("total")
    joined = select(*by, total).select_from(
        schema.batch_reason.join(schema.batch).join(schema.parcel, _REASON.parcel_id == _PARCEL.id)
    )
    statement = _of_flow(joined.group_by(*by).order_by(total.desc(), *by), flow)
    if parcel:
        statement = statement.where(_PARCEL.digest == parcel)
    if run is not None:
        statement = statement.where(_BATCH.run_id == run)
    return {ReasonKey(*row[:-1]): row.total for row in connection.execute(statement)}


def list_runs(connection: Connection, limit: int | None) -> tuple[RunRow, ...]:
    """List runs, the latest first."""
    statement = select(schema.run).order_by(schema.run.c.id.desc()).limit(limit)
    return tuple(
        RunRow(row.id, tuple(row.flows.split()), row.started_at, row.ended_at, row.outcome)
        for row in connection.execute(statement)
    )


def _of_flow(statement: Select[Any], flow: str) -> Select[Any]:
    return statement.where(_PARCEL.flow == flow) if flow else statement


def _balance(row: Row[Any]) -> Balance:
    fates = {fate: count for fate in Fate if (count := getattr(row, fate.value))}
    return Balance(row.received, fates, row.withheld_values, row.warnings)


def _parcel_row(row: Row[Any]) -> ParcelRow:
    return ParcelRow(
        flow=row.flow,
        digest=row.digest,
        kind=row.kind,
        state=row.state,
        code=row.code,
        size=row.size,
        attempts=row.attempts,
        not_before=row.not_before,
        received_at=row.received_at,
        closed_at=row.closed_at,
        batches=row.batches,
        balance=_balance(row),
    )


def find_settled_numbers(connection: Connection, parcel_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Say which batches of these parcels are settled."""
    found: dict[int, set[int]] = {parcel_id: set() for parcel_id in parcel_ids}
    statement = select(_BATCH.parcel_id, _BATCH.number).where(_BATCH.parcel_id.in_(parcel_ids))
    for parcel_id, number in connection.execute(statement):
        found[parcel_id].add(number)
    return {parcel_id: frozenset(numbers) for parcel_id, numbers in found.items()}
