"""Runs one flow: collects parcels, delivers them batch by batch, turns errors into suspension, parking or waiting.

What fails, fails alone: a fault of the program on one parcel parks that parcel, a fault below a flow ends that flow's
part of the run. Only what no flow can go on without (the journal, its room, the key) goes up and stops the run.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import IO, TYPE_CHECKING, cast

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.absence_watch import AbsenceWatch
from passerelle.engine.assembly import JOBS
from passerelle.engine.batch_stream import decode_batches, prepare_batches
from passerelle.engine.clock import find_local_day
from passerelle.engine.collecting import Blocks, collect
from passerelle.engine.column_presence import ColumnPresence
from passerelle.engine.drift_watch import DriftWatch
from passerelle.engine.feeding_columns import FeedingColumns
from passerelle.engine.log import log
from passerelle.engine.parcel_watch import AllNumbersExcept, ParcelWatch
from passerelle.engine.pipeline import ParcelRun, deliver_batch
from passerelle.engine.prefetch import prefetch
from passerelle.engine.reconciling import reconcile
from passerelle.engine.stopwatch import time_each, time_stage
from passerelle.stores.parcels import REPLAY
from passerelle.vocabulary.errors import (
    FatalError,
    FlowError,
    ParcelError,
    PasserelleError,
    TransientError,
    is_fault,
)
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from datetime import datetime

    from passerelle.engine.assembly import OpenFlow, Workspace
    from passerelle.engine.batch_stream import TranslationSpool
    from passerelle.engine.parcel_warnings import ParcelWarning
    from passerelle.engine.pipeline import PreparedBatch
    from passerelle.extension.supplier import Absence
    from passerelle.stores.journal import OpenParcel
    from passerelle.vocabulary.parcels import DecodedBatch

ATTEMPTS = 8
"""Tries without a usable answer after which what was sent is settled as unknown, for a person to look at."""
WAITS = (60, 300, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds a batch waits after each failed try, when the other side does not say."""
FAULTS = frozenset(
    {"incident.parcel.fault", "incident.reader.crashed", "incident.books.unbalanced", "incident.books.incomplete"}
)
"""Reasons of parked parcels that are no fault of their bytes, but one of the program or of a library."""
_NO_ROOM = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name))


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
    faults: int = 0
    """Parcels among the parked ones on which the program itself failed."""
    waiting: int = 0
    waiting_until: datetime | None = None
    suspended: str = ""
    """The reason code, when the flow is suspended."""
    trouble: str = ""
    """The reason code of what made something wait."""
    questions: tuple[ParcelError, ...] = ()
    """Why parcels were parked, in their order; details hold names of columns, never a value."""
    failure: PasserelleError | None = None
    """What ended the flow's part of this run without suspending it; the next run tries again."""

    @property
    def failed(self) -> str:
        """Return the reason code of the failure; empty when there was none."""
        return self.failure.code if self.failure else ""


def run_flow(
    workspace: Workspace,
    flow: str,
    *,
    run: int,
    progress: Callable[[Progress], None] = lambda _progress: None,
    jobs: int = JOBS,
) -> FlowOutcome:
    """Drain one flow once, with up to `jobs` batches in work at the same time.

    Whatever concerns this flow alone ends in the outcome, faults of the program too. Raises UsageError when there is
    no such flow, and the FatalErrors that concern every flow.
    """
    workspace.settings.get_flow(flow)
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
    except FatalError as error:
        if error.concerns_every_flow:
            raise
        log("flow_failed", flow=flow, code=error.code, error=error)
        return FlowOutcome(flow, failure=error)
    except BaseException as error:
        if not is_fault(error):
            raise
        log("flow_failed", flow=flow, code="incident.flow.fault", error=error)
        return FlowOutcome(flow, failure=FlowError("incident.flow.fault", flow=flow))


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
        self.meter.total = sum(entry.parcel.size for entry in parcels)
        for entry in parcels:
            # The order of parcels is the order of versions: none overtakes one that waits.
            if entry.not_before is not None and entry.not_before > now():
                outcome = replace(outcome, waiting=outcome.waiting + 1, waiting_until=entry.not_before)
                break
            outcome, must_stop = self.take_parcel(entry, outcome)
            if must_stop:
                break
        return replace(outcome, balance=self.meter.balance)

    def collect(self) -> str:
        """Register what the source has. Return the reason code when it is down, empty otherwise."""
        open_flow, workspace = self.open_flow, self.workspace
        depot, journal, clock = workspace.depot, workspace.journal, workspace.clock
        try:
            collect(open_flow.flow, open_flow.open_source(), depot, journal, clock, open_flow.blocks)
        except TransientError as error:
            # Parcels that are already here can be delivered without the source.
            log("source_waits", flow=open_flow.flow, code=error.code)
            return error.code
        return ""

    def take_parcel(self, entry: OpenParcel, outcome: FlowOutcome) -> tuple[FlowOutcome, bool]:
        """Deliver one parcel and record how that ended. Return the outcome so far, and whether the flow must stop."""
        try:
            self.finish_parcel(entry)
        except BaseException as error:  # noqa: BLE001  a native library panics outside of Exception; the rest is raised
            return self.stop_parcel(entry, error, outcome)
        return replace(outcome, settled=outcome.settled + 1), False

    def finish_parcel(self, entry: OpenParcel) -> None:
        """Deliver what is left of a parcel, tell its warnings and close it."""
        flow, key = self.open_flow.flow, entry.parcel.key
        batches, warnings = self.deliver_parcel(entry)
        for warning in warnings:
            cause, count = warning.key, warning.count
            log("parcel_doubtful", flow=flow, parcel=key, contract=cause.contract, code=cause.code, count=count)
            self.meter.warn(count)
        counts = {warning.key: warning.count for warning in warnings}
        self.workspace.journal.close_parcel(flow, key, batches, self.workspace.clock.now(), warnings=counts)
        hit_failpoint("parcel.closed")

    def stop_parcel(self, entry: OpenParcel, error: BaseException, outcome: FlowOutcome) -> tuple[FlowOutcome, bool]:
        """Record why a parcel goes no further. Return the outcome so far, and whether the flow must stop.

        Raises the error again when it is about more than this parcel and this flow.
        """
        match error:
            case ParcelError():
                return self.park_parcel(entry, error.code, error, outcome), False
            case FlowError():
                return replace(outcome, suspended=_suspend(self.workspace, self.open_flow.flow, error)), True
            case TransientError():
                return self.delay_parcel(entry, error, outcome), True
            case FatalError() if error.code in FAULTS:
                return self.park_parcel(entry, error.code, error, outcome), False
            case OSError() if error.errno in _NO_ROOM:
                # temporary files: no fault of this parcel, and it passes
                return self.delay_parcel(entry, TransientError("incident.folder.full"), outcome), True
            case _ if is_fault(error):
                return self.park_parcel(entry, "incident.parcel.fault", error, outcome), False
        raise error

    def park_parcel(self, entry: OpenParcel, code: str, error: BaseException, outcome: FlowOutcome) -> FlowOutcome:
        """Park a parcel: the fault is in its bytes, or in what the program makes of them. The next may be fine."""
        flow, key, is_faulty = self.open_flow.flow, entry.parcel.key, code in FAULTS
        questions = (error,) if isinstance(error, ParcelError) else ()
        details = error.details if isinstance(error, ParcelError) else None
        self.workspace.journal.park_parcel(flow, key, code, self.workspace.clock.now(), details=details)
        # Of a fault the log tells where it was, as classes and lines: its words may hold values.
        log("parcel_parked", flow=flow, parcel=key, code=code, **({"error": error} if is_faulty else {}))
        faults, questions = outcome.faults + is_faulty, (*outcome.questions, *questions)
        return replace(outcome, parked=outcome.parked + 1, faults=faults, questions=questions)

    def delay_parcel(self, entry: OpenParcel, error: TransientError, outcome: FlowOutcome) -> FlowOutcome:
        """Make a parcel wait for the other side."""
        flow, key, now = self.open_flow.flow, entry.parcel.key, self.workspace.clock.now()
        usual = WAITS[min(entry.attempts, len(WAITS) - 1)]
        until = now + timedelta(seconds=usual if error.retry_after is None else max(0.0, error.retry_after))
        self.workspace.journal.wait_parcel(flow, key, error.code, until)
        log("parcel_waits", flow=flow, parcel=key, code=error.code)
        return replace(outcome, waiting=outcome.waiting + 1, waiting_until=until, trouble=error.code)

    def deliver_parcel(self, entry: OpenParcel) -> tuple[int, list[ParcelWarning]]:
        """Deliver and settle every batch not yet settled; return the number of batches, and the parcel's warnings."""
        open_flow, workspace = self.open_flow, self.workspace
        absence = self.open_absence_watch(entry)
        absence.check_beforehand()
        parcel_run = self.start_parcel_run(entry, absence)
        batches = len(entry.settled)
        with workspace.depot.open(entry.parcel.digest) as stream:
            work = self.prepare(stream, entry, entry.settled, columns=absence, spool=self.open_spool(entry))
            # Of `jobs` batches one is being delivered here; the others are prepared on the other thread.
            with prefetch(work, open_flow.jobs - 1) as prepared:
                for batch in time_each("waiting", prepared):
                    hit_failpoint("decode.batch")
                    # Delivered before it is settled: a kill in between delivers again, with the same keys.
                    settlement = absence.add_columns(deliver_batch(batch, parcel_run), batch.decoded.table)
                    hit_failpoint("settle.before")
                    with time_stage("settle"):
                        workspace.journal.settle(settlement)
                    absence.note_columns(settlement)
                    self.meter.add(settlement.balance, batch.decoded.consumed)
                    batches += 1
                    del batch, settlement  # before the next one is waited for: batches are large
        if entry.absent == "empty":
            # the answer was that these columns are no more: the next parcel need not ask again
            workspace.journal.forget_columns(open_flow.flow, absence.list_gone())
        self.meter.finish_parcel(entry.parcel.size)
        return batches, parcel_run.watch.list_warnings()

    def start_parcel_run(self, entry: OpenParcel, absence: AbsenceWatch) -> ParcelRun:
        """Return the run of a parcel, once journal and destination agree on what was delivered."""
        open_flow, workspace = self.open_flow, self.workspace
        destination = open_flow.open_destination(settle_unknown=entry.attempts >= ATTEMPTS)
        contracts = dict.fromkeys(table.table.contract for table in open_flow.policy.plan.tables)
        reconcile(destination, open_flow.known_records, entry, contracts)
        return ParcelRun(
            flow=open_flow.flow,
            run=self.run,
            parcel=entry.parcel,
            policy=open_flow.policy,
            known_records=open_flow.known_records,
            destination=destination,
            clock=workspace.clock,
            retention_days=workspace.settings.retention_days,
            watch=self.open_watch(entry),
            absence=absence,
            is_late=open_flow.known_records.order is None and self.is_late(entry),
        )

    def open_absence_watch(self, entry: OpenParcel) -> AbsenceWatch:
        """Return the watch over the columns of a parcel, which knows those that the flow had before."""
        flow, policy = self.open_flow, self.open_flow.policy
        is_replay = entry.kind == REPLAY
        delivers_extra = policy.deliver_extra or policy.purpose is Purpose.PORTABILITY
        presence = ColumnPresence.of(flow.connector.dialect, is_replay=is_replay)

        def read_parcel() -> Iterator[DecodedBatch]:
            blocks = Blocks(entry.parcel.block_bytes, entry.parcel.block_rows)
            with self.workspace.depot.open(entry.parcel.digest) as stream:
                yield from decode_batches(stream, flow.connector.dialect, blocks=blocks, kind=entry.kind)

        return AbsenceWatch(
            flow=flow.flow,
            feeding=FeedingColumns(policy.plan, presence.by_record, delivers_extra),
            presence=presence,
            absent=cast("Absence", entry.absent or flow.settings.absent or flow.connector.absent),
            before=self.workspace.journal.list_columns_met(flow.flow),
            drift=DriftWatch(policy.plan, entry.settled),
            # a parcel that was begun was let pass; rows to replay are not a whole export
            must_ask=not entry.settled and not is_replay,
            read_parcel=read_parcel,
        )

    def is_late(self, entry: OpenParcel) -> bool:
        """Whether a newer parcel was taken before this one, which was not taken again on purpose."""
        is_plain = entry.kind != REPLAY and entry.parcel.redelivers is None
        return is_plain and self.workspace.journal.is_late(self.open_flow.flow, entry.parcel.key)

    def open_watch(self, entry: OpenParcel) -> ParcelWatch:
        """Return the watch over a parcel as a whole, which has seen the batches that an earlier run settled."""
        open_flow, policy = self.open_flow, self.open_flow.policy
        plan = policy.selection.restrict_plan(policy.plan)
        watch = ParcelWatch.for_flow(plan, open_flow.known_records, silent=policy.doubts.silent)
        if watch.is_needed and entry.settled:
            with self.workspace.depot.open(entry.parcel.digest) as stream:
                spool = self.open_spool(entry)
                # An incomplete spool would be filled to its end: this look reads no further than what is settled.
                readable = spool if spool is not None and spool.is_complete else None
                for batch in self.prepare(stream, entry, AllNumbersExcept(entry.settled), spool=readable):
                    watch.observe_faults(batch.ledger)
                    for records in batch.records:
                        watch.observe(records, batch.decoded.table)
        return watch

    def prepare(
        self,
        stream: IO[bytes],
        entry: OpenParcel,
        skip: Container[int],
        *,
        columns: AbsenceWatch | None = None,
        spool: TranslationSpool | None = None,
    ) -> Iterator[PreparedBatch]:
        """Yield the prepared batches of a parcel, but for the numbers in `skip`."""
        # The block sizes of its registration, not those of today: batch numbers must mean the same after a restart.
        blocks = Blocks(entry.parcel.block_bytes, entry.parcel.block_rows)
        received_on = find_local_day(entry.parcel.received_at, self.open_flow.settings.zone)
        dialect, policy = self.open_flow.connector.dialect, self.open_flow.policy
        policy = replace(policy, setting=replace(policy.setting, received_on=received_on))
        return prepare_batches(
            stream, dialect, policy, blocks=blocks, kind=entry.kind, skip=skip, drift=columns, spool=spool
        )

    def open_spool(self, entry: OpenParcel) -> TranslationSpool | None:
        """Return the spool that the flow shares with others, if any; never for a replay, which is of one flow only."""
        return None if entry.kind == REPLAY else self.open_flow.open_spool(entry.parcel)


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
        try:
            self.progress(Progress(self.flow, self.balance.received, self.balance.aside, done, self.total))
        except Exception as error:  # noqa: BLE001  a screen that is gone is no fault of the parcel, nor of the run
            log("progress_failed", flow=self.flow, error=error)
            self.progress = lambda _progress: None

    def warn(self, count: int) -> None:
        """Add warnings about a whole parcel."""
        self.balance += Balance(warnings=count)

    def finish_parcel(self, size: int) -> None:
        """Add the bytes of a parcel that is finished."""
        self.finished += size
