"""Runs one flow: collects parcels, delivers them batch by batch, turns errors into suspension, parking or waiting.

What fails, fails alone: a fault of the program on one parcel parks that parcel, a fault below a flow ends that flow's
part of the run. Only what no flow can go on without (the journal, its room, the key) goes up and stops the run.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.api_looks import observe_source, register_look
from passerelle.engine.assembly import JOBS
from passerelle.engine.collecting import collect
from passerelle.engine.flow_progress import ProgressMeter
from passerelle.engine.log import log
from passerelle.engine.parcel_delivery import ParcelDelivery
from passerelle.engine.silence_watch import watch_silence
from passerelle.stores.parcels import SUPPLIED
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
    from collections.abc import Callable
    from datetime import datetime

    from passerelle.engine.assembly import OpenFlow, Workspace
    from passerelle.engine.flow_progress import Progress
    from passerelle.stores.journal import OpenParcel
    from passerelle.stores.notices import Notice

WAITS = (60, 300, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds a batch waits after each failed try, when the other side does not say."""
FAULTS = frozenset(
    {"incident.parcel.fault", "incident.reader.crashed", "incident.books.unbalanced", "incident.books.incomplete"}
)
"""Reasons of parked parcels that are no fault of their bytes, but one of the program or of a library."""
_NO_ROOM = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name))


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
    notices: tuple[Notice, ...] = ()
    """What a person should look at and is no row."""
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
            return _FlowRun(workspace, open_flow, run, ProgressMeter(flow, progress)).drain()
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
    meter: ProgressMeter

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
        try:
            self.finish_parcel(entry)
        except BaseException as error:  # noqa: BLE001  a native library panics outside of Exception; the rest is raised
            return self.stop_parcel(entry, error, outcome)
        return replace(outcome, settled=outcome.settled + 1), False

    def finish_parcel(self, entry: OpenParcel) -> None:
        """Deliver what is left of a parcel, tell its warnings and close it."""
        flow, key, workspace = self.open_flow.flow, entry.parcel.key, self.workspace
        delivered = ParcelDelivery(workspace, self.open_flow, self.run, entry, self.meter).deliver()
        for warning in delivered.warnings:
            cause, count = warning.key, warning.count
            log("parcel_doubtful", flow=flow, parcel=key, contract=cause.contract, code=cause.code, count=count)
            self.meter.warn(count)
        counts, closing = {warning.key: warning.count for warning in delivered.warnings}, delivered.closing
        now = workspace.clock.now()
        workspace.journal.close_parcel(flow, key, delivered.batches, now, warnings=counts, whole=closing)
        hit_failpoint("parcel.closed")
        if closing is not None and closing.settlement is not None:
            self.meter.balance += closing.settlement.balance
        if delivered.earlier_list:
            workspace.wholes.remove(delivered.earlier_list)

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
