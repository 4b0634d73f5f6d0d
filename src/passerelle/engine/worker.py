"""Runs one flow: collects parcels, delivers them batch by batch, turns errors into suspension, parking or waiting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import IO, TYPE_CHECKING

from passerelle.engine.api_looks import observe_look, observe_source, register_look
from passerelle.engine.assembly import JOBS
from passerelle.engine.batch_stream import prepare_batches
from passerelle.engine.clock import find_local_day
from passerelle.engine.collecting import Blocks, collect
from passerelle.engine.drift_watch import DriftWatch
from passerelle.engine.log import log
from passerelle.engine.parcel_run import ParcelRun
from passerelle.engine.parcel_watch import AllNumbersExcept, ParcelWatch
from passerelle.engine.pipeline import deliver_batch
from passerelle.engine.prefetch import prefetch
from passerelle.engine.settings import ApiSourceSettings
from passerelle.engine.silence_watch import watch_silence
from passerelle.engine.stopwatch import time_each, time_stage
from passerelle.engine.whole_closing import WholeExport, make_incomplete_closing
from passerelle.stores.parcels import LOOK, REPLAY, SUPPLIED
from passerelle.vocabulary.errors import FlowError, ParcelError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from datetime import datetime

    from passerelle.engine.assembly import OpenFlow, Workspace
    from passerelle.engine.batch_stream import TranslationSpool
    from passerelle.engine.parcel_warnings import ParcelWarning
    from passerelle.engine.pipeline import PreparedBatch
    from passerelle.stores.journal import OpenParcel
    from passerelle.stores.notices import Notice
    from passerelle.stores.settlement import WholeClosing

ATTEMPTS = 8
"""Tries without a usable answer after which what was sent is settled as unknown, for a person to look at."""
WAITS = (60, 300, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds a batch waits after each failed try, when the other side does not say."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a flow is, for the progress bar. `rows` are records received in this run."""

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
    notices: tuple[Notice, ...] = ()
    """What a person should look at and is no row."""


def run_flow(
    workspace: Workspace,
    flow: str,
    *,
    run: int,
    progress: Callable[[Progress], None] = lambda _progress: None,
    jobs: int = JOBS,
) -> FlowOutcome:
    """Drain one flow once, with up to `jobs` batches in work at the same time.

    Errors about the flow end in the outcome; a FatalError goes up and stops the process.
    """
    suspension = workspace.journal.find_suspension(flow)
    if suspension is not None:
        return FlowOutcome(flow, suspended=suspension.code)
    try:
        with workspace.journal.claim(flow), workspace.open_flow(flow, jobs=jobs) as open_flow:
            return _FlowRun(workspace, open_flow, run, _ProgressMeter(flow, progress)).drain()
    except FlowError as error:
        return FlowOutcome(flow, suspended=_suspend(workspace, flow, error))
    except TransientError as error:
        log("flow_waits", flow=flow, code=error.code)
        return FlowOutcome(flow, waiting=1, trouble=error.code)


def _suspend(workspace: Workspace, flow: str, error: FlowError) -> str:
    """Suspend a flow until somebody acts, and return the reason code."""
    workspace.journal.suspend(flow, error.code, workspace.clock.now())
    log("flow_suspended", flow=flow, code=error.code)
    return error.code


@dataclass(frozen=True, slots=True)
class _FlowRun:
    """One run of one open flow."""

    workspace: Workspace
    open_flow: OpenFlow
    run: int
    meter: _ProgressMeter

    def drain(self) -> FlowOutcome:
        """Collect what the source has, then take the open parcels in their order until one has to wait."""
        flow, now = self.open_flow.flow, self.workspace.clock.now
        trouble = self.collect()
        outcome = FlowOutcome(flow, waiting=1 if trouble else 0, trouble=trouble)
        parcels = self.workspace.journal.list_open_parcels(flow, now())
        supplied = {entry.parcel.key for entry in parcels if entry.kind == SUPPLIED and not entry.is_again}
        self.meter.total = sum(entry.parcel.size for entry in parcels)
        for entry in parcels:
            # The order of parcels is the order of versions: none overtakes one that waits.
            if entry.not_before is not None and entry.not_before > now():
                outcome = replace(outcome, waiting=outcome.waiting + 1, waiting_until=entry.not_before)
                break
            outcome, must_stop = self.take_parcel(entry, outcome)
            if must_stop:
                break
        # the flows of a move take each export once: nothing of theirs is regular
        if flow not in self.workspace.overrides:
            watch_silence(self.workspace.journal, self.open_flow.settings, supplied, now())
        notices = self.workspace.journal.list_notices(flow)
        for notice in notices:
            log("notice_raised", flow=flow, code=notice.code)
        return replace(outcome, balance=self.meter.balance, notices=notices)

    def collect(self) -> str:
        """Register what the source has. Return the reason code when it is down, empty otherwise."""
        open_flow, workspace = self.open_flow, self.workspace
        depot, journal, clock = workspace.depot, workspace.journal, workspace.clock
        try:
            source = observe_source(open_flow)
            fresh = collect(open_flow.flow, source, depot, journal, clock, open_flow.blocks)
            if source.count > fresh and open_flow.settings.expects_arrivals:
                journal.note_heard(open_flow.flow, clock.now())
            register_look(workspace, open_flow, source)
        except TransientError as error:
            # Parcels that are already here can be delivered without the source.
            log("source_waits", flow=open_flow.flow, code=error.code)
            return error.code
        return ""

    def take_parcel(self, entry: OpenParcel, outcome: FlowOutcome) -> tuple[FlowOutcome, bool]:
        """Deliver one parcel and record how that ended. Return the outcome so far, and whether the flow must stop."""
        flow, journal, now = self.open_flow.flow, self.workspace.journal, self.workspace.clock.now
        key = entry.parcel.key
        try:
            delivered = self.deliver_parcel(entry)
        except ParcelError as error:
            # The fault is in these bytes: the next parcel may be fine.
            journal.park_parcel(flow, key, error.code, now())
            log("parcel_parked", flow=flow, parcel=key, code=error.code)
            return replace(outcome, parked=outcome.parked + 1), False
        except FlowError as error:
            return replace(outcome, suspended=_suspend(self.workspace, flow, error)), True
        except TransientError as error:
            usual = WAITS[min(entry.attempts, len(WAITS) - 1)]
            until = now() + timedelta(seconds=usual if error.retry_after is None else max(0.0, error.retry_after))
            journal.wait_parcel(flow, key, error.code, until)
            log("parcel_waits", flow=flow, parcel=key, code=error.code)
            return replace(outcome, waiting=outcome.waiting + 1, waiting_until=until, trouble=error.code), True
        for warning in delivered.warnings:
            cause, count = warning.key, warning.count
            log("parcel_doubtful", flow=flow, parcel=key, contract=cause.contract, code=cause.code, count=count)
            self.meter.warn(count)
        counts = {warning.key: warning.count for warning in delivered.warnings}
        journal.close_parcel(flow, key, delivered.batches, now(), warnings=counts, whole=delivered.closing)
        hit_failpoint("parcel.closed")
        if delivered.closing is not None and delivered.closing.settlement is not None:
            self.meter.balance += delivered.closing.settlement.balance
        if delivered.earlier_list:
            self.workspace.wholes.remove(delivered.earlier_list)
        return replace(outcome, settled=outcome.settled + 1), False

    def deliver_parcel(self, entry: OpenParcel) -> _DeliveredParcel:
        """Deliver and settle every batch not yet settled; return what closing the parcel has to write."""
        open_flow, workspace = self.open_flow, self.workspace
        whole = self.open_whole(entry)
        watch = self.open_watch(entry, whole)
        parcel_run = ParcelRun(
            flow=open_flow.flow,
            run=self.run,
            parcel=entry.parcel,
            policy=open_flow.policy,
            known_records=open_flow.known_records,
            destination=open_flow.open_destination(settle_unknown=entry.attempts >= ATTEMPTS),
            clock=workspace.clock,
            retention_days=workspace.settings.retention_days,
            watch=watch,
            is_late=open_flow.known_records.order is None and self.is_late(entry),
            is_replay=entry.kind == REPLAY or entry.is_again,
        )
        if entry.kind == LOOK:
            return _close_look(workspace, open_flow, parcel_run, whole)
        drift = DriftWatch(open_flow.policy.plan, entry.settled)
        batches = len(entry.settled)
        with workspace.depot.open(entry.parcel.digest) as stream:
            work = self.prepare(stream, entry, entry.settled, drift=drift, spool=self.open_spool(entry))
            # Of `jobs` batches one is being delivered here; the others are prepared on the other thread.
            with prefetch(work, open_flow.jobs - 1) as prepared:
                for batch in time_each("waiting", prepared):
                    hit_failpoint("decode.batch")
                    if whole is not None and batch.present is not None:
                        whole.watch.observe(batch.present)
                    # Delivered before it is settled: a kill in between delivers again, with the same keys.
                    settlement = deliver_batch(batch, parcel_run)
                    hit_failpoint("settle.before")
                    with time_stage("settle"):
                        workspace.journal.settle(settlement)
                    self.meter.add(settlement.balance, batch.decoded.consumed)
                    batches += 1
                    del batch, settlement  # before the next one is waited for: batches are large
        self.meter.finish_parcel(entry.parcel.size)
        closing = whole.close(parcel_run, batches) if whole is not None else None
        return _DeliveredParcel(batches, watch.list_warnings(), closing, whole.earlier_list if whole else "")

    def is_late(self, entry: OpenParcel) -> bool:
        """Whether a newer parcel was taken before this one, which was not taken again on purpose."""
        is_plain = entry.kind != REPLAY and entry.parcel.redelivers is None
        return is_plain and self.workspace.journal.is_late(self.open_flow.flow, entry.parcel.key)

    def open_whole(self, entry: OpenParcel) -> WholeExport | None:
        """Return what watches a whole export: a file, or a complete look at an API; None for any other parcel."""
        is_api = isinstance(self.open_flow.settings.source, ApiSourceSettings)
        if entry.kind != (LOOK if is_api else SUPPLIED) or entry.is_again:
            return None
        whole = WholeExport.of(self.workspace, self.open_flow, entry.parcel.received_at)
        if whole is not None:
            whole.is_late = self.is_late(entry)
        return whole

    def open_watch(self, entry: OpenParcel, whole: WholeExport | None) -> ParcelWatch:
        """Return the watch over a parcel as a whole, which has seen the batches that an earlier run settled."""
        open_flow, policy = self.open_flow, self.open_flow.policy
        plan = policy.selection.restrict_plan(policy.plan)
        watch = ParcelWatch.for_flow(plan, open_flow.known_records, silent=policy.doubts.silent)
        if (watch.is_needed or whole is not None) and entry.settled:
            with self.workspace.depot.open(entry.parcel.digest) as stream:
                spool = self.open_spool(entry)
                # An incomplete spool would be filled to its end: this look reads no further than what is settled.
                readable = spool if spool is not None and spool.is_complete else None
                for batch in self.prepare(stream, entry, AllNumbersExcept(entry.settled), spool=readable):
                    watch.observe_faults(batch.ledger)
                    for records in batch.records:
                        watch.observe(records, batch.decoded.table)
                    if whole is not None and batch.present is not None:
                        whole.watch.observe(batch.present)
        return watch

    def prepare(
        self,
        stream: IO[bytes],
        entry: OpenParcel,
        skip: Container[int],
        *,
        drift: DriftWatch | None = None,
        spool: TranslationSpool | None = None,
    ) -> Iterator[PreparedBatch]:
        """Yield the prepared batches of a parcel, but for the numbers in `skip`."""
        # The block sizes of its registration, not those of today: batch numbers must mean the same after a restart.
        blocks = Blocks(entry.parcel.block_bytes, entry.parcel.block_rows)
        received_on = find_local_day(entry.parcel.received_at, self.open_flow.settings.zone)
        dialect, policy = self.open_flow.connector.dialect, replace(self.open_flow.policy, received_on=received_on)
        return prepare_batches(
            stream, dialect, policy, blocks=blocks, kind=entry.kind, skip=skip, drift=drift, spool=spool
        )

    def open_spool(self, entry: OpenParcel) -> TranslationSpool | None:
        """Return the spool that the flow shares with others, if any; never for a replay, which is of one flow only."""
        return None if entry.kind == REPLAY else self.open_flow.open_spool(entry.parcel)


def _close_look(
    workspace: Workspace, open_flow: OpenFlow, parcel_run: ParcelRun, whole: WholeExport | None
) -> _DeliveredParcel:
    """Compare a look with the one before; nothing else is in it. Without the setting by now, it says nothing."""
    if whole is None:
        return _DeliveredParcel(0, [])
    is_complete = observe_look(workspace, open_flow, parcel_run.parcel.digest, whole.watch)
    closing = whole.close(parcel_run, 0) if is_complete else make_incomplete_closing(parcel_run)
    return _DeliveredParcel(0, [], closing, whole.earlier_list)


@dataclass(frozen=True, slots=True)
class _DeliveredParcel:
    """A parcel whose batches are settled, and what is written when it is closed."""

    batches: int
    warnings: list[ParcelWarning]
    closing: WholeClosing | None = None
    earlier_list: str = ""
    """Digest of the sealed list that no longer counts then."""


@dataclass(slots=True)
class _ProgressMeter:
    """Adds up what was done, and calls whoever shows the progress."""

    flow: str
    progress: Callable[[Progress], None]
    total: int = 0
    """Bytes of all parcels that are open in this run."""
    balance: Balance = Balance()
    finished: int = 0
    """Bytes of the parcels that are finished."""

    def add(self, balance: Balance, consumed: int) -> None:
        """Add a settled batch; `consumed` are the bytes of its parcel up to its end."""
        self.balance += balance
        done = self.finished + consumed
        self.progress(Progress(self.flow, self.balance.received, self.balance.aside, done, self.total))

    def warn(self, count: int) -> None:
        """Add warnings about a whole parcel."""
        self.balance += Balance(warnings=count)

    def finish_parcel(self, size: int) -> None:
        """Add the bytes of a parcel that is finished."""
        self.finished += size
