"""The worker drains a flow: it collects, takes each parcel across batch by batch, and answers the four errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import IO, TYPE_CHECKING

from passerelle.engine.assembly import JOBS
from passerelle.engine.batch_stream import prepare_batches
from passerelle.engine.collecting import Blocks, collect
from passerelle.engine.drifting import DriftWatch
from passerelle.engine.log import log
from passerelle.engine.pipeline import ParcelRun, deliver_batch
from passerelle.engine.prefetch import prefetch
from passerelle.engine.stopwatch import time_each, time_stage
from passerelle.engine.watching import AllBut, ParcelWatch
from passerelle.stores.parcels import REPLAY
from passerelle.vocabulary.errors import FlowError, ParcelError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence
    from datetime import datetime

    from passerelle.engine.assembly import OpenFlow, Workspace
    from passerelle.engine.batch_stream import TranslationSpool
    from passerelle.engine.parcel_warnings import ParcelWarning
    from passerelle.engine.pipeline import PreparedBatch
    from passerelle.stores.journal import OpenParcel
    from passerelle.stores.settlement import ReasonKey

ATTEMPTS = 8
"""After so many tries without a usable answer, what was sent is settled as unknown and somebody looks."""
WAITS = (60, 300, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds a batch waits after each failed try, when the other side does not say."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a flow is, for the progress bar. Rows are records received in this run."""

    flow: str
    rows: int
    aside: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class FlowOutcome:
    """What a run did with one flow."""

    flow: str
    balance: Balance = Balance()
    settled: int = 0
    """Parcels finished in this run."""
    parked: int = 0
    waiting: int = 0
    waiting_until: datetime | None = None
    suspended: str = ""
    """The reason code, when the flow is suspended."""
    trouble: str = ""
    """The reason code of what made something wait."""


def run_flow(
    house: Workspace,
    flow: str,
    *,
    run: int,
    progress: Callable[[Progress], None] = lambda _progress: None,
    jobs: int = JOBS,
) -> FlowOutcome:
    """Drain one flow once, with up to `jobs` batches in work at the same time.

    Errors about the flow end in the outcome; a FatalError goes up and stops the process.
    """
    suspension = house.journal.find_suspension(flow)
    if suspension is not None:
        return FlowOutcome(flow, suspended=suspension.code)
    try:
        with house.journal.claim(flow), house.open_flow(flow, jobs=jobs) as line:
            return _drain(line, house, run, progress, _collect(line, house))
    except FlowError as error:
        return FlowOutcome(flow, suspended=_suspend(house, flow, error))
    except TransientError as error:
        log("flow_waits", flow=flow, code=error.code)
        return FlowOutcome(flow, waiting=1, trouble=error.code)


def _suspend(house: Workspace, flow: str, error: FlowError) -> str:
    house.journal.suspend(flow, error.code, house.clock.now())
    log("flow_suspended", flow=flow, code=error.code)
    return error.code


def _collect(line: OpenFlow, house: Workspace) -> str:
    """Collect; a source that is down does not keep what is already here from going on."""
    try:
        collect(line.flow, line.open_source(), house.depot, house.journal, house.clock, line.blocks)
    except TransientError as error:
        log("source_waits", flow=line.flow, code=error.code)
        return error.code
    return ""


def _drain(
    line: OpenFlow, house: Workspace, run: int, progress: Callable[[Progress], None], trouble: str
) -> FlowOutcome:
    outcome = FlowOutcome(line.flow, waiting=1 if trouble else 0, trouble=trouble)
    parcels = house.journal.list_open_parcels(line.flow, house.clock.now())
    meter = _Meter(line.flow, sum(entry.parcel.size for entry in parcels), progress)
    for entry in parcels:
        if entry.not_before is not None and entry.not_before > house.clock.now():
            return replace(outcome, waiting=outcome.waiting + 1, waiting_until=entry.not_before)
        outcome, stop = _take(entry, outcome, line, house, run, meter)
        if stop:
            return replace(outcome, balance=meter.balance)
    return replace(outcome, balance=meter.balance)


def _take(
    entry: OpenParcel, outcome: FlowOutcome, line: OpenFlow, house: Workspace, run: int, meter: _Meter
) -> tuple[FlowOutcome, bool]:
    """Take one parcel across; say whether the flow must stop here. Parcels of a flow keep their order."""
    digest, now = entry.parcel.digest, house.clock.now
    try:
        batches, warnings = _cross(entry, line, house, run, meter)
    except ParcelError as error:
        house.journal.park_parcel(line.flow, digest, error.code, now())
        log("parcel_parked", flow=line.flow, parcel=digest, code=error.code)
        return replace(outcome, parked=outcome.parked + 1), False
    except FlowError as error:
        return replace(outcome, suspended=_suspend(house, line.flow, error)), True
    except TransientError as error:
        until = now() + timedelta(seconds=_wait(entry.attempts, error.retry_after))
        house.journal.wait_parcel(line.flow, digest, error.code, until)
        log("parcel_waits", flow=line.flow, parcel=digest, code=error.code)
        return replace(outcome, waiting=outcome.waiting + 1, waiting_until=until, trouble=error.code), True
    house.journal.close_parcel(line.flow, digest, batches, now(), warnings=_told(entry, warnings, meter))
    hit_failpoint("parcel.closed")
    return replace(outcome, settled=outcome.settled + 1), False


def _wait(attempts: int, retry_after: float | None) -> float:
    return max(WAITS[min(attempts, len(WAITS) - 1)] if retry_after is None else 0.0, retry_after or 0.0)


def _told(entry: OpenParcel, warnings: Sequence[ParcelWarning], meter: _Meter) -> dict[ReasonKey, int]:
    """Count and log what only the whole parcel shows."""
    for warning in warnings:
        key, parcel = warning.key, entry.parcel
        log(
            "parcel_doubtful",
            flow=parcel.flow,
            parcel=parcel.digest,
            contract=key.contract,
            code=key.code,
            count=warning.count,
        )
        meter.warn(warning.count)
    return {warning.key: warning.count for warning in warnings}


def _cross(
    entry: OpenParcel, line: OpenFlow, house: Workspace, run: int, meter: _Meter
) -> tuple[int, list[ParcelWarning]]:
    watch = _watch(entry, line, house)
    parcel_run = ParcelRun(
        flow=line.flow,
        run=run,
        parcel=entry.parcel,
        policy=line.policy,
        known_records=line.known_records,
        destination=line.open_destination(settle_unknown=entry.attempts >= ATTEMPTS),
        clock=house.clock,
        retention_days=house.settings.retention_days,
        watch=watch,
    )
    drift = DriftWatch(line.policy.plan, entry.settled)
    batches = len(entry.settled)
    with house.depot.open(entry.parcel.digest) as stream:
        work = _prepare(stream, entry, line, entry.settled, drift=drift, spool=_open_spool(entry, line))
        with prefetch(work, line.jobs - 1) as prepared:
            for batch in time_each("waiting", prepared):
                hit_failpoint("decode.batch")
                settlement = deliver_batch(batch, parcel_run)
                hit_failpoint("settle.before")
                with time_stage("settle"):
                    house.journal.settle(settlement)
                meter.add(settlement.balance, batch.decoded.consumed)
                batches += 1
                del batch, settlement  # before the next one is waited for: batches are large
    meter.close(entry.parcel.size)
    return batches, watch.list_warnings()


def _watch(entry: OpenParcel, line: OpenFlow, house: Workspace) -> ParcelWatch:
    """Watch a parcel as a whole; what an earlier run settled of it is looked at again, so that nothing goes untold."""
    watch = ParcelWatch.for_flow(line.policy.selection.restrict_plan(line.policy.plan), line.known_records)
    if watch.is_needed and entry.settled:
        with house.depot.open(entry.parcel.digest) as stream:
            spool = _open_spool(entry, line)
            # one that is not complete is left to the run itself: this look must not read further than what is settled
            kept = spool if spool is not None and spool.is_complete else None
            for batch in _prepare(stream, entry, line, AllBut(entry.settled), spool=kept):
                for records in batch.records:
                    watch.observe(records, batch.decoded.table)
    return watch


def _prepare(
    stream: IO[bytes],
    entry: OpenParcel,
    line: OpenFlow,
    skip: Container[int],
    *,
    drift: DriftWatch | None = None,
    spool: TranslationSpool | None = None,
) -> Iterator[PreparedBatch]:
    blocks = Blocks(entry.parcel.block_bytes, entry.parcel.block_rows)
    dialect = line.connector.dialect
    return prepare_batches(
        stream, dialect, line.policy, blocks=blocks, kind=entry.kind, skip=skip, drift=drift, spool=spool
    )


def _open_spool(entry: OpenParcel, line: OpenFlow) -> TranslationSpool | None:
    """Open what the flow shares with others; what comes back from quarantine is its own."""
    return None if entry.kind == REPLAY else line.open_spool(entry.parcel)


@dataclass(slots=True)
class _Meter:
    """Adds up what was done, and tells whoever watches."""

    flow: str
    total: int
    progress: Callable[[Progress], None]
    balance: Balance = Balance()
    before: int = 0
    """Bytes of the parcels that are finished."""

    def add(self, balance: Balance, consumed: int) -> None:
        self.balance += balance
        self.progress(
            Progress(self.flow, self.balance.received, self.balance.aside, self.before + consumed, self.total)
        )

    def warn(self, count: int) -> None:
        self.balance += Balance(warnings=count)

    def close(self, size: int) -> None:
        self.before += size
