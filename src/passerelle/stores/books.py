"""Read-only queries on the journal: balances, parcels, counts of reasons, runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, cast, func, literal, select, type_coerce

from passerelle.stores import schema
from passerelle.stores.database import iter_slices
from passerelle.stores.instants import DAY, from_microseconds
from passerelle.stores.settlement import ReasonKey
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.parcels import BatchKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Row, Select

_BATCH = schema.batch.c
_PARCEL = schema.parcel.c
_REASON = schema.batch_reason.c
_OTHERS = (_BATCH.withheld_values, _BATCH.warnings, _BATCH.vanished, _BATCH.withdrawn)
_COUNTS = (_BATCH.received, *(_BATCH[fate.value] for fate in Fate), *_OTHERS)
# PostgreSQL sums BIGINT as NUMERIC, which the driver reads as Decimal: hence the cast back.
_SUMS = tuple(cast(func.coalesce(func.sum(column), 0), BigInteger).label(column.name) for column in _COUNTS)


@dataclass(frozen=True, slots=True)
class SettledBalance:
    """The balance of one parcel in one run on one day (UTC). Balances can be added."""

    flow: str
    parcel: str
    """The key of the parcel."""
    run: int
    day: date
    balance: Balance


@dataclass(frozen=True, slots=True)
class DayBalance:
    """The balance of what a flow was supplied with, of the batches settled on one day (UTC)."""

    flow: str
    day: date
    balance: Balance


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A parcel as the journal lists it: its state and its balance."""

    flow: str
    key: str
    """What names it in its flow."""
    digest: str
    kind: str
    state: str
    code: str
    """Reason code of a parcel that waits or is parked; empty otherwise."""
    size: int
    attempts: int
    not_before: datetime | None
    received_at: datetime
    named_at: datetime | None
    """The date that its name carried."""
    closed_at: datetime | None
    batches: int
    """Number of batches settled."""
    balance: Balance
    details: str = ""
    """What fills the sentence of `code`, as JSON; empty when nothing does."""
    outside: str = ""
    """What it is called at its destination; empty until something of it goes."""

    def is_named(self, beginning: str) -> bool:
        """Whether its key begins so, or what it is called at its destination: people may have either before them."""
        return self.key.startswith(beginning) or self.outside.startswith(beginning)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the journal lists it. `ended_at` is None while it runs, and for ever if it was killed."""

    id: int
    flows: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class RunParcel:
    """What one run settled of a parcel, so far or in all."""

    flow: str
    key: str
    kind: str
    state: str
    size: int
    batches: int
    first_at: datetime
    last_at: datetime
    """When its last batch was settled."""
    balance: Balance


def list_run_parcels(connection: Connection, run: int) -> tuple[RunParcel, ...]:
    """Sum what a run settled, by parcel, the latest last: also while it goes on, whoever started it."""
    by = (_PARCEL.id, _PARCEL.flow, _PARCEL.key, _PARCEL.kind, _PARCEL.state, _PARCEL.size)
    first, last = func.min(_BATCH.settled_at).label("first_at"), func.max(_BATCH.settled_at).label("last_at")
    batches = func.count(_BATCH.number).label("batches")
    joined = select(*by, first, last, batches, *_SUMS).select_from(schema.batch.join(schema.parcel))
    statement = joined.where(_BATCH.run_id == run).group_by(*by).order_by(_PARCEL.id)
    return tuple(
        RunParcel(
            flow=row.flow,
            key=row.key,
            kind=row.kind,
            state=row.state,
            size=row.size,
            batches=row.batches,
            first_at=row.first_at,
            last_at=row.last_at,
            balance=_to_balance(row),
        )
        for row in connection.execute(statement)
    )


def list_balances(connection: Connection, flow: str) -> tuple[SettledBalance, ...]:
    """Sum the settled batches by flow, parcel, run and day, in order of registration."""
    # As a plain integer: with the type of the column, the quotient would come back as a datetime.
    day = (type_coerce(_BATCH.settled_at, BigInteger) // DAY).label("day")
    by = (_PARCEL.id, _PARCEL.flow, _PARCEL.key, _BATCH.run_id, day)
    joined = select(*by, *_SUMS).select_from(schema.batch.join(schema.parcel))
    statement = _filter_flow(joined.group_by(*by).order_by(_PARCEL.id, day, _BATCH.run_id), flow)
    return tuple(
        SettledBalance(row.flow, row.key, row.run_id, from_microseconds(row.day * DAY).date(), _to_balance(row))
        for row in connection.execute(statement)
    )


def list_days(connection: Connection, since: datetime, flow: str) -> tuple[DayBalance, ...]:
    """Sum the batches settled since a moment by flow and day. What came back from quarantine was counted before."""
    day = (type_coerce(_BATCH.settled_at, BigInteger) // DAY).label("day")
    supplied = select(_PARCEL.flow, day, *_SUMS).select_from(schema.batch.join(schema.parcel))
    supplied = supplied.where(_BATCH.settled_at >= since, _PARCEL.kind != "replay")
    statement = _filter_flow(supplied.group_by(_PARCEL.flow, day).order_by(_PARCEL.flow, day), flow)
    return tuple(
        DayBalance(row.flow, from_microseconds(row.day * DAY).date(), _to_balance(row))
        for row in connection.execute(statement)
    )


def list_parcels(connection: Connection, flow: str, latest: int | None = None, key: str = "") -> tuple[ParcelRow, ...]:
    """List parcels in order of registration, each with its balance; of a flow, only the latest ones, or one."""
    # An outer join: a parcel without any settled batch is listed too.
    batches = func.count(_BATCH.number).label("batches")
    joined = select(schema.parcel, batches, *_SUMS).select_from(schema.parcel.outerjoin(schema.batch))
    statement = _filter_flow(joined.group_by(*schema.parcel.columns).order_by(_PARCEL.id), flow)
    if latest is not None:
        last = _filter_flow(select(_PARCEL.id), flow).order_by(_PARCEL.id.desc()).limit(latest)
        statement = statement.where(_PARCEL.id.in_(last))
    if key:
        statement = statement.where(_PARCEL.key == key)
    return tuple(
        ParcelRow(
            flow=row.flow,
            key=row.key,
            digest=row.digest,
            kind=row.kind,
            state=row.state,
            code=row.code,
            size=row.size,
            attempts=row.attempts,
            not_before=row.not_before,
            received_at=row.received_at,
            named_at=row.named_at,
            closed_at=row.closed_at,
            batches=row.batches,
            balance=_to_balance(row),
            details=row.details,
            outside=row.outside,
        )
        for row in connection.execute(statement)
    )


def find_last_delivered(connection: Connection, flow: str) -> BatchKey | None:
    """Return the batch of a flow that was settled last, among those that delivered or deleted something.

    By the name of its parcel outside, which is how a destination knows it.
    """
    wanted = select(_PARCEL.key, _PARCEL.outside, _BATCH.number).select_from(schema.batch.join(schema.parcel))
    wanted = wanted.where(_PARCEL.flow == flow, (_BATCH.delivered > 0) | (_BATCH.withdrawn > 0))
    # By run before moment: runs are numbered one after the other, and a clock that was ahead is set back.
    order = (_BATCH.run_id.desc(), _BATCH.settled_at.desc(), _PARCEL.id.desc(), _BATCH.number.desc())
    latest = wanted.order_by(*order).limit(1)
    row = connection.execute(latest).first()
    return BatchKey(row.outside or row.key, row.number) if row else None


def count_reasons(connection: Connection, flow: str, parcel: str, run: int | None) -> dict[ReasonKey, int]:
    """Count rows by reason, most frequent first. An empty `flow` or `parcel`, or no `run`, does not restrict."""
    by = (_REASON.contract, _REASON.member, _REASON.code, _REASON.column_name, _REASON.field, _REASON.fate)
    total = cast(func.sum(_REASON.count), BigInteger).label("total")
    joined = select(*by, total).select_from(
        schema.batch_reason.join(schema.batch).join(schema.parcel, _REASON.parcel_id == _PARCEL.id)
    )
    statement = _filter_flow(joined.group_by(*by), flow)
    if parcel:
        statement = statement.where(_PARCEL.key == parcel)
    if run is not None:
        statement = statement.where(_BATCH.run_id == run)
    # sealed names have no order of their own: ties are put in order once they are open
    rows = sorted(connection.execute(statement), key=lambda row: (-row.total, *row[:-1]))
    return {ReasonKey(*row[:-1]): row.total for row in rows}


def list_runs(connection: Connection, limit: int | None, flow: str) -> tuple[RunRow, ...]:
    """List runs, latest first; of one flow when it is named."""
    statement = select(schema.run).order_by(schema.run.c.id.desc()).limit(limit)
    if flow:
        # the names of a run stand in one text, spaces between
        names = literal(" ") + schema.run.c.flows + literal(" ")
        statement = statement.where(names.contains(f" {flow} ", autoescape=True))
    return tuple(_to_run(row) for row in connection.execute(statement))


def find_run(connection: Connection, run: int) -> RunRow | None:
    """Return one run; None for a number that none has."""
    row = connection.execute(select(schema.run).where(schema.run.c.id == run)).first()
    return None if row is None else _to_run(row)


def _to_run(row: Row[Any]) -> RunRow:
    return RunRow(row.id, tuple(row.flows.split()), row.started_at, row.ended_at, row.outcome)


def _filter_flow(statement: Select[Any], flow: str) -> Select[Any]:
    return statement.where(_PARCEL.flow == flow) if flow else statement


def _to_balance(row: Row[Any]) -> Balance:
    fates = {fate: count for fate in Fate if (count := getattr(row, fate.value))}
    return Balance(row.received, fates, row.withheld_values, row.warnings, row.vanished, row.withdrawn)


def find_settled_numbers(connection: Connection, parcel_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Return, for each parcel id, the numbers of its settled batches."""
    numbers_of: dict[int, set[int]] = {parcel_id: set() for parcel_id in parcel_ids}
    wanted = select(_BATCH.parcel_id, _BATCH.number)
    for some_ids in iter_slices(parcel_ids):
        for parcel_id, number in connection.execute(wanted.where(_BATCH.parcel_id.in_(some_ids))):
            numbers_of[parcel_id].add(number)
    return {parcel_id: frozenset(numbers) for parcel_id, numbers in numbers_of.items()}
