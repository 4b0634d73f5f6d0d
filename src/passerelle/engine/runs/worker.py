"""Runs one flow: collects parcels, delivers them batch by batch, turns errors into suspension, parking or waiting.

What fails, fails alone: a fault of the program on one parcel parks that parcel, a fault below a flow ends that flow's
part of the run. Only what no flow can go on without (the journal, its room, the key) goes up and stops the run.
"""

from __future__ import annotations

import errno
from dataclasses import field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.flow_progress import ProgressMeter
from passerelle.engine.flow_slice import FlowSlice
from passerelle.engine.groups.group_choosing import GroupChooser
from passerelle.engine.log import log
from passerelle.engine.parcels.api_looks import observe_source, register_look, tell_look
from passerelle.engine.parcels.parcel_delivery import ParcelDelivery
from passerelle.engine.path.collecting import collect
from passerelle.engine.runs.away_watch import can_end_by_itself, note_away, note_back
from passerelle.engine.runs.certificate_watch import watch_certificates
from passerelle.engine.runs.handle_notice import drop_needless_notice
from passerelle.engine.runs.silence_watch import watch_silence
from passerelle.engine.runs.stray_watch import watch_strays
from passerelle.engine.settings.flow_sides import name_side
from passerelle.engine.workspace.assembly import JOBS
from passerelle.engine.workspace.file_naming import has_file_name
from passerelle.stores.parcels import SUPPLIED
from passerelle.stores.suspensions import Suspension
from passerelle.vocabulary.errors import (
    FatalError,
    FlowError,
    ParcelError,
    PasserelleError,
    TransientError,
    is_fault,
)
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Balance
from passerelle.vocabulary.ports import PublishingDestination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.flow_progress import Progress
    from passerelle.engine.settings.flow_sides import Side
    from passerelle.engine.watches.parcel_warnings import ParcelWarning
    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.stores.journal import OpenParcel
    from passerelle.stores.notices import Notice

WAITS = (60, 300, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds a batch waits after each failed try, when the other side does not say."""
FAULTS = frozenset(
    {"incident.parcel.fault", "incident.reader.crashed", "incident.books.unbalanced", "incident.books.incomplete"}
)
"""Reasons of parked parcels that are no fault of their bytes, but one of the program or of a library."""
OVERTAKEN = "incident.flow.overtaken"
"""The reason of a turn that is another worker's by now: it writes nothing more, not even that it stopped."""
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
    suspended_details: Mapping[str, str] = field(default_factory=dict)
    suspended_since: datetime | None = None
    trouble: str = ""
    """The reason code of what made something wait."""
    trouble_details: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[ParcelError, ...] = ()
    """Why parcels were parked, in their order; details hold names of columns, never a value."""
    notices: tuple[Notice, ...] = ()
    """What a person should look at and is no row."""
    has_more: bool = False
    """Whether its turn ended before its work did."""
    failure: PasserelleError | None = None
    """What ended the flow's part of this run without suspending it; the next run tries again."""

    @property
    def failed(self) -> str:
        """Return the reason code of the failure; empty when there was none."""
        return self.failure.code if self.failure else ""

    def find_details(self, code: str) -> Mapping[str, str]:
        """Return what fills the sentence of the suspension, the trouble or the failure with this code."""
        if code == self.suspended:
            return self.suspended_details
        if code == self.trouble:
            return self.trouble_details
        return self.failure.words if self.failure and code == self.failed else {}


def run_flow(
    workspace: Workspace,
    flow: str,
    *,
    run: int,
    progress: Callable[[Progress], None] = lambda _progress: None,
    jobs: int = JOBS,
    turn: FlowSlice | None = None,
) -> FlowOutcome:
    """Drain one flow once, or for one turn of it, with up to `jobs` batches in work at the same time.

    Whatever concerns this flow alone ends in the outcome, faults of the program too. Raises UsageError when there is
    no such flow, and the FatalErrors that concern every flow.
    """
    workspace.settings.get_flow(flow)
    suspension = workspace.journal.find_suspension(flow)
    if suspension is not None and not can_end_by_itself(suspension.code):
        return _tell_suspension(FlowOutcome(flow), suspension)
    try:
        with workspace.journal.claim(flow), workspace.open_flow(flow, jobs=jobs) as open_flow:
            groups = GroupChooser(workspace, open_flow, run)
            meter = ProgressMeter(flow, progress)
            outcome = _FlowRun(workspace, open_flow, run, meter, groups, turn or FlowSlice()).drain()
            still = workspace.journal.find_suspension(flow) if suspension is not None else None
            return _tell_suspension(outcome, still) if still is not None else outcome
    except FlowError as error:
        return _suspend(workspace, FlowOutcome(flow), error)
    except TransientError as error:
        log("flow_waits", flow=flow, code=error.code)
        return FlowOutcome(flow, waiting=1, trouble=error.code, trouble_details=error.words)
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


def _suspend(workspace: Workspace, outcome: FlowOutcome, error: FlowError) -> FlowOutcome:
    """Suspend a flow until somebody acts, and return the outcome with the reason."""
    flow, now = outcome.flow, workspace.clock.now()
    before = workspace.journal.find_suspension(flow)
    is_same = before is not None and before.details.get("at_side") == error.words.get("at_side")
    if before is not None and is_same and before.code == error.code:  # it was looked for again, and is still away
        return _tell_suspension(outcome, before)
    workspace.journal.suspend(flow, error.code, now, error.words)
    log("flow_suspended", flow=flow, code=error.code)
    return _tell_suspension(outcome, Suspension(flow, error.code, now, error.words))


def _tell_suspension(outcome: FlowOutcome, suspension: Suspension) -> FlowOutcome:
    """Return the outcome of a flow that is suspended: why, and since when."""
    return replace(
        outcome,
        suspended=suspension.code,
        suspended_details=suspension.details,
        suspended_since=suspension.since,
    )


@dataclass(frozen=True, slots=True)
class _FlowRun:
    """One run of one open flow."""

    workspace: Workspace
    open_flow: OpenFlow
    run: int
    meter: ProgressMeter
    groups: GroupChooser
    turn: FlowSlice

    def drain(self) -> FlowOutcome:
        """Collect what the source has, then take the open parcels in their order until one has to wait."""
        flow, now = self.open_flow.flow, self.workspace.clock.now
        outcome = self.collect() if self.turn.collects else FlowOutcome(flow)
        answering: list[Side] = ["source"] if self.turn.collects and not outcome.waiting else []
        is_named, can_go_on = has_file_name(self.open_flow.settings), True
        if is_named:
            outcome, can_go_on = self.finish_files(outcome, lambda files: files.begin())
        parcels = self.workspace.journal.list_open_parcels(flow, now())
        supplied = {entry.parcel.key for entry in parcels if entry.kind == SUPPLIED and not entry.is_again}
        self.meter.total = sum(entry.parcel.size for entry in parcels)
        if can_go_on:
            outcome = self.take_parcels(parcels, outcome)
        # A file under a fixed name is whole: its pieces wait for the turn that has the rest of them.
        if can_go_on and is_named and not outcome.has_more:
            outcome, can_go_on = self.finish_files(outcome, lambda files: files.publish())
        has_answered = outcome.settled or (can_go_on and is_named)
        note_back(self.workspace.journal, flow, [*answering, "destination"] if has_answered else answering)
        # the flows of a move take each export once: nothing of theirs is regular
        if flow not in self.workspace.overrides:
            watch_silence(self.workspace.journal, self.open_flow.settings, supplied, now())
            days = self.workspace.settings.certificate_days
            watch_certificates(self.workspace.journal, self.open_flow.settings, days, now())
        journal = self.workspace.journal
        notices = drop_needless_notice(journal, self.open_flow, journal.list_notices(flow))
        for notice in notices:
            log("notice_raised", flow=flow, code=notice.code)
        return replace(outcome, balance=self.meter.balance, notices=notices)

    def take_parcels(self, parcels: Sequence[OpenParcel], outcome: FlowOutcome) -> FlowOutcome:
        """Deliver parcels in their order, until one has to wait or the turn ends."""
        while parcels:
            first = parcels[0]
            # The order of parcels is the order of versions: none overtakes one that waits.
            if first.not_before is not None and first.not_before > self.workspace.clock.now():
                return replace(outcome, waiting=outcome.waiting + 1, waiting_until=first.not_before)
            if self.turn.is_spent:
                return replace(outcome, has_more=True)
            taken, outcome, must_stop = self.take_first(parcels, outcome)
            if must_stop:
                break
            parcels = parcels[taken:]
        return outcome

    def collect(self) -> FlowOutcome:
        """Register what the source has. The outcome waits, with the reason, when the source is down."""
        flow = self.open_flow.flow
        try:
            with name_side(self.open_flow.settings, "source"):
                self.register_arrivals()
        except TransientError as error:
            self.note_away("source", error)
            # Parcels that are already here can be delivered without the source.
            log("source_waits", flow=flow, code=error.code)
            return FlowOutcome(flow, waiting=1, trouble=error.code, trouble_details=error.words)
        return FlowOutcome(flow)

    def finish_files(
        self, outcome: FlowOutcome, act: Callable[[PublishingDestination], None]
    ) -> tuple[FlowOutcome, bool]:
        """Begin or publish files that have one name. Return the outcome, and whether that could be done."""
        try:
            with name_side(self.open_flow.settings, "destination"):
                destination = self.open_flow.open_destination(settle_unknown=False)
                if isinstance(destination, PublishingDestination):  # not in a rehearsal
                    act(destination)
                return outcome, True
        except FlowError as error:
            return _suspend(self.workspace, outcome, error), False
        except TransientError as error:
            away = error
        log("flow_waits", flow=self.open_flow.flow, code=away.code)
        try:
            self.note_away("destination", away)
        except FlowError as lost:
            return _suspend(self.workspace, outcome, lost), False
        if not outcome.trouble:
            outcome = replace(outcome, waiting=outcome.waiting + 1, trouble=away.code, trouble_details=away.words)
        return outcome, False

    def note_away(self, side: Side, error: TransientError) -> None:
        """Note that a side is away. Raises FlowError when it has been away too long."""
        if error.code == OVERTAKEN:
            raise error
        note_away(self.workspace.journal, self.open_flow.settings, side, error, self.workspace.clock.now())

    def register_arrivals(self) -> None:
        """Look at the source and register what it has."""
        open_flow, workspace = self.open_flow, self.workspace
        depot, journal, clock = workspace.depot, workspace.journal, workspace.clock
        source = observe_source(open_flow)
        blocks, deposits = open_flow.blocks, open_flow.deposits
        fresh = collect(open_flow.flow, source, depot, journal, clock, blocks, deposits=deposits)
        if source.count > fresh and open_flow.settings.expects_arrivals:
            journal.note_heard(open_flow.flow, clock.now())
        tell_look(workspace, open_flow.flow, source)
        watch_strays(workspace, open_flow.settings, source.source)
        register_look(workspace, open_flow, source)

    def take_parcel(self, entry: OpenParcel, outcome: FlowOutcome) -> tuple[FlowOutcome, bool]:
        """Deliver one parcel and record how that ended. Return the outcome so far, and whether the flow must stop."""
        try:
            with name_side(self.open_flow.settings, "destination"):
                is_closed = self.finish_parcel(entry)
        except BaseException as error:  # noqa: BLE001  a native library panics outside of Exception; the rest is raised
            return self.stop_parcel(entry, error, outcome)
        if not is_closed:
            return replace(outcome, has_more=True), True
        return replace(outcome, settled=outcome.settled + 1), False

    def take_first(self, parcels: Sequence[OpenParcel], outcome: FlowOutcome) -> tuple[int, FlowOutcome, bool]:
        """Deliver the first of some parcels, and with it those behind it that may go together with it.

        Return how many were taken, the outcome so far, and whether the flow must stop.
        """
        if not self.groups.may_join(parcels[0]):
            return 1, *self.take_parcel(parcels[0], outcome)
        try:
            joined = self.groups.prepare(parcels)
            if joined is None:
                return 1, *self.take_parcel(parcels[0], outcome)
            with name_side(self.open_flow.settings, "destination"):
                settled = self.groups.run.deliver(joined)
        except TransientError as error:
            return 1, self.delay_away(parcels[0], error, outcome), True
        except BaseException as error:  # whatever it is: alone, it stops one parcel, and is named there
            is_known = isinstance(error, ParcelError | FlowError) or getattr(error, "code", "") in FAULTS
            if not is_known and not is_fault(error):
                raise
            log("group_dissolved", flow=self.open_flow.flow, parcel=parcels[0].parcel.key, error=error)
            self.groups.dissolve(parcels)
            return 1, *self.take_parcel(parcels[0], outcome)
        hit_failpoint("parcel.closed")
        self.turn.count()
        for one in settled:
            self.tell_warnings(one.member.entry.parcel.key, one.warnings)
            self.meter.add(one.settlement.balance, one.member.entry.parcel.size)
            self.meter.finish_parcel(one.member.entry.parcel.size)
        return len(settled), replace(outcome, settled=outcome.settled + len(settled)), False

    def finish_parcel(self, entry: OpenParcel) -> bool:
        """Deliver what is left of a parcel, tell its warnings and close it; return whether the turn lasted so long."""
        flow, key, workspace = self.open_flow.flow, entry.parcel.key, self.workspace
        delivered = ParcelDelivery(workspace, self.open_flow, self.run, entry, self.meter, self.turn).deliver()
        if delivered is None:
            return False
        self.tell_warnings(key, delivered.warnings)
        self.meter.warn(sum(warning.count for warning in delivered.warnings))
        counts, closing = {warning.key: warning.count for warning in delivered.warnings}, delivered.closing
        now = workspace.clock.now()
        workspace.journal.close_parcel(flow, key, delivered.batches, now, warnings=counts, whole=closing)
        hit_failpoint("parcel.closed")
        if closing is not None and closing.settlement is not None:
            self.meter.balance += closing.settlement.balance
        if delivered.earlier_list:
            workspace.wholes.remove(delivered.earlier_list, keeps_key=True)
        if not delivered.batches:
            self.turn.count()
        return True

    def tell_warnings(self, key: str, warnings: Iterable[ParcelWarning]) -> None:
        """Log the warnings about a parcel as a whole."""
        for warning in warnings:
            cause, count, flow = warning.key, warning.count, self.open_flow.flow
            log("parcel_doubtful", flow=flow, parcel=key, contract=cause.contract, code=cause.code, count=count)

    def stop_parcel(self, entry: OpenParcel, error: BaseException, outcome: FlowOutcome) -> tuple[FlowOutcome, bool]:
        """Record why a parcel goes no further. Return the outcome so far, and whether the flow must stop.

        Raises the error again when it is about more than this parcel and this flow.
        """
        match error:
            case ParcelError():
                return self.park_parcel(entry, error.code, error, outcome), False
            case FlowError():
                return _suspend(self.workspace, outcome, error), True
            case TransientError():
                return self.delay_away(entry, error, outcome), True
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
        details = error.words if isinstance(error, ParcelError) else None
        self.workspace.journal.park_parcel(flow, key, code, self.workspace.clock.now(), details=details)
        # Of a fault the log tells where it was, as classes and lines: its words may hold values.
        log("parcel_parked", flow=flow, parcel=key, code=code, **({"error": error} if is_faulty else {}))
        faults, questions = outcome.faults + is_faulty, (*outcome.questions, *questions)
        return replace(outcome, parked=outcome.parked + 1, faults=faults, questions=questions)

    def delay_away(self, entry: OpenParcel, error: TransientError, outcome: FlowOutcome) -> FlowOutcome:
        """Make a parcel wait; suspend the flow as well when its destination has been away too long."""
        outcome = self.delay_parcel(entry, error, outcome)
        try:
            self.note_away("destination", error)
        except FlowError as lost:
            return _suspend(self.workspace, outcome, lost)
        return outcome

    def delay_parcel(self, entry: OpenParcel, error: TransientError, outcome: FlowOutcome) -> FlowOutcome:
        """Make a parcel wait for the other side."""
        flow, key, now = self.open_flow.flow, entry.parcel.key, self.workspace.clock.now()
        usual = WAITS[min(entry.attempts, len(WAITS) - 1)]
        until = now + timedelta(seconds=usual if error.retry_after is None else max(0.0, error.retry_after))
        self.workspace.journal.wait_parcel(flow, key, error.code, until, error.words)
        log("parcel_waits", flow=flow, parcel=key, code=error.code)
        waiting = outcome.waiting + 1
        return replace(outcome, waiting=waiting, waiting_until=until, trouble=error.code, trouble_details=error.words)
