"""The worker drains a flow: it collects, takes each parcel across batch by batch, and answers the four errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.documents.workbook_reader import open_rows
from passerelle.engine.ahead import ahead
from passerelle.engine.assembly import JOBS
from passerelle.engine.collecting import collect
from passerelle.engine.drifting import DriftWatch
from passerelle.engine.ledger import Ledger
from passerelle.engine.log import log
from passerelle.engine.pipeline import Crossing, cross, examine, examined
from passerelle.engine.stopwatch import timed, timed_each
from passerelle.engine.watching import AllBut, ParcelWatch
from passerelle.stages.decode.decoding import decode
from passerelle.vocabulary.errors import FlowError, ParcelError, TransientError
from passerelle.vocabulary.failpoints import failpoint
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence
    from datetime import datetime

    from passerelle.engine.assembly import House, Line
    from passerelle.engine.remarks import Remark
    from passerelle.stores.journal import OpenParcel
    from passerelle.stores.settlement import ReasonKey
    from passerelle.vocabulary.parcels import Decoded

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
    house: House,
    flow: str,
    *,
    run: int,
    progress: Callable[[Progress], None] = lambda _progress: None,
    jobs: int = JOBS,
) -> FlowOutcome:
    """Drain one flow once, with up to `jobs` batches in work at the same time.

    Errors about the flow end in the outcome; a FatalError goes up and stops the process.
    """
    suspension = house.journal.suspension(flow)
    if suspension is not None:
        return FlowOutcome(flow, suspended=suspension.code)
    try:
        with house.journal.claim(flow), house.line(flow, jobs=jobs) as line:
            return _drain(line, house, run, progress, _collect(line, house))
    except FlowError as error:
        return FlowOutcome(flow, suspended=_suspend(house, flow, error))
    except TransientError as error:
        log("flow_waits", flow=flow, code=error.code)
        return FlowOutcome(flow, waiting=1, trouble=error.code)


def _suspend(house: House, flow: str, error: FlowError) -> str:
    house.journal.suspend(flow, error.code, house.clock.now())
    log("flow_suspended", flow=flow, code=error.code)
    return error.code


def _collect(line: Line, house: House) -> str:
    """Collect; a source that is down does not keep what is already here from going on."""
    try:
        collect(line.flow, line.source(), house.depot, house.journal, house.clock, line.blocks)
    except TransientError as error:
        log("source_waits", flow=line.flow, code=error.code)
        return error.code
    return ""


def _drain(line: Line, house: House, run: int, progress: Callable[[Progress], None], trouble: str) -> FlowOutcome:
    outcome = FlowOutcome(line.flow, waiting=1 if trouble else 0, trouble=trouble)
    parcels = house.journal.open_parcels(line.flow, house.clock.now())
    meter = _Meter(line.flow, sum(entry.parcel.size for entry in parcels), progress)
    for entry in parcels:
        if entry.not_before is not None and entry.not_before > house.clock.now():
            return replace(outcome, waiting=outcome.waiting + 1, waiting_until=entry.not_before)
        outcome, stop = _take(entry, outcome, line, house, run, meter)
        if stop:
            return replace(outcome, balance=meter.balance)
    return replace(outcome, balance=meter.balance)


def _take(
    entry: OpenParcel, outcome: FlowOutcome, line: Line, house: House, run: int, meter: _Meter
) -> tuple[FlowOutcome, bool]:
    """Take one parcel across; say whether the flow must stop here. Parcels of a flow keep their order."""
    digest, now = entry.parcel.digest, house.clock.now
    try:
        batches, remarks = _cross(entry, line, house, run, meter)
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
    house.journal.close_parcel(line.flow, digest, batches, now(), remarks=_told(entry, remarks, meter))
    failpoint("parcel.closed")
    return replace(outcome, settled=outcome.settled + 1), False


def _wait(attempts: int, retry_after: float | None) -> float:
    return max(WAITS[min(attempts, len(WAITS) - 1)] if retry_after is None else 0.0, retry_after or 0.0)


def _told(entry: OpenParcel, remarks: Sequence[Remark], meter: _Meter) -> dict[ReasonKey, int]:
    """Count and log what only the whole parcel shows."""
    for remark in remarks:
        key, parcel = remark.key, entry.parcel
        log(
            "parcel_doubtful",
            flow=parcel.flow,
            parcel=parcel.digest,
            contract=key.contract,
            code=key.code,
            count=remark.count,
        )
        meter.warn(remark.count)
    return {remark.key: remark.count for remark in remarks}


def _cross(entry: OpenParcel, line: Line, house: House, run: int, meter: _Meter) -> tuple[int, list[Remark]]:
    watch = _watch(entry, line, house)
    crossing = Crossing(
        flow=line.flow,
        run=run,
        parcel=entry.parcel,
        route=line.route,
        memory=line.memory,
        destination=line.destination(settle_unknown=entry.attempts >= ATTEMPTS),
        clock=house.clock,
        retention_days=house.settings.retention_days,
        watch=watch,
        left=line.left(),
    )
    drift = DriftWatch(line.route.plan, entry.settled)
    batches = len(entry.settled)
    with house.depot.open(entry.parcel.digest) as stream:
        read = timed_each("decode", _batches(stream, entry, line, entry.settled))
        work = examined(drift.watch(read), line.route)
        with ahead(work, line.jobs - 1) as ready:
            for batch in timed_each("waiting", ready):
                failpoint("decode.batch")
                settlement = cross(batch, crossing)
                failpoint("settle.before")
                with timed("settle"):
                    house.journal.settle(settlement)
                meter.add(settlement.balance, batch.decoded.consumed)
                batches += 1
                del batch, settlement  # before the next one is waited for: batches are large
    meter.close(entry.parcel.size)
    return batches, watch.remarks()


def _watch(entry: OpenParcel, line: Line, house: House) -> ParcelWatch:
    """Watch a parcel as a whole; what an earlier run settled of it is looked at again, so that nothing goes untold."""
    watch = ParcelWatch.beside(line.route.fitting.watched(line.route.plan), line.memory)
    if watch.is_needed and entry.settled:
        with house.depot.open(entry.parcel.digest) as stream:
            for decoded in _batches(stream, entry, line, AllBut(entry.settled)):
                for records in examine(decoded, line.route, Ledger(decoded.table.member)):
                    watch.see(records, decoded.table)
    return watch


def _batches(stream: object, entry: OpenParcel, line: Line, skip: Container[int]) -> Iterator[Decoded]:
    parcel = entry.parcel
    if entry.kind == "replay":
        from passerelle.stages.decode.replay import decode_replay  # noqa: PLC0415  most nights replay nothing

        return decode_replay(stream, block_rows=parcel.block_rows, skip=skip)  # type: ignore[arg-type]
    return decode(
        stream,  # type: ignore[arg-type]
        line.connector.dialect,
        block_bytes=parcel.block_bytes,
        block_rows=parcel.block_rows,
        open_workbook=open_rows,
        skip=skip,
    )


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
