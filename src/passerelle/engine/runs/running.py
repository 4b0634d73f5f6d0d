"""Runs the flows of an open workspace one after the other, and resumes suspended ones."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.engine.audit.audit_trail import append_head
from passerelle.engine.log import log
from passerelle.engine.runs.housekeeping import tidy
from passerelle.engine.runs.run_state import RunState, find_flows_state
from passerelle.engine.runs.worker import FlowOutcome, run_flow
from passerelle.engine.workspace.assembly import JOBS
from passerelle.stores.integrity import DatabaseFileState
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import (
    FatalError,
    PasserelleError,
    SettingsError,
    TransientError,
    UsageError,
    is_fault,
)
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from passerelle.engine.flow_progress import Progress
    from passerelle.engine.flow_slice import FlowSlice
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace

    Watch = AbstractContextManager[Callable[[Progress], None]]


@dataclass(frozen=True, slots=True)
class RunNotice:
    """A reason and the details of its sentence, about the installation as a whole."""

    code: str
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        """Whether the program failed at something, beside the flows."""
        return self.code == "incident.tidying.failed"


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did: its number in the journal, and the outcome of each flow in the order they ran."""

    run: int
    outcomes: tuple[FlowOutcome, ...]
    notices: tuple[RunNotice, ...] = ()
    """What concerns the installation as a whole and a person should look at; each is told in one run only."""
    audit_head: str = ""
    """The head of the audit trail at the end of the run, to be kept elsewhere."""

    @property
    def state(self) -> RunState:
        """How the run ended as a whole."""
        state = find_flows_state(self.outcomes)
        if any(notice.is_fault for notice in self.notices):
            return RunState.STOPPED
        return RunState.ASIDE if state is RunState.SETTLED and self.notices else state


@dataclass(frozen=True, slots=True)
class ResumedFlow:
    """A flow that goes on at the next run."""

    flow: str
    was_suspended: bool
    reopened: int
    """Parked parcels that are taken up again."""


def select_flows(settings: Settings, names: Sequence[str]) -> list[str]:
    """Return the named flows, each once; without names, every enabled flow. Raises UsageError for an unknown flow."""
    if names:
        return list(dict.fromkeys(settings.get_flow(name).name for name in names))
    return [name for name, flow in settings.flows.items() if flow.enabled]


def run_flows(
    workspace: Workspace,
    names: Sequence[str],
    *,
    jobs: int = JOBS,
    watch: Watch | None = None,
    turn: FlowSlice | None = None,
) -> RunReport:
    """Run flows one after the other, then expire what is no longer needed. The run is in journal and log.

    A flow that is suspended, waits or fails does not keep the others from going on; a FatalError that concerns every
    flow does, and goes up. So does the error of the settings that kept every flow from doing anything.
    `watch` is entered for the time that flows run, and gives the callback for each step of each flow; `turn` bounds how
    much is done, where others wait.
    """
    notices = _check_journal(workspace)
    run = workspace.journal.begin_run(names, workspace.clock.now())
    log("run_started", run=run, flows=len(names))
    ended = "stopped"
    try:
        with watch or nullcontext(lambda _progress: None) as progress:
            outcomes = [run_flow(workspace, name, run=run, progress=progress, jobs=jobs, turn=turn) for name in names]
        _raise_common_mistake(outcomes)
        notices += [*_tidy(workspace, run), *_keep_head(workspace)]
        report = RunReport(run, tuple(outcomes), tuple(notices), workspace.journal.get_audit_head())
        ended = "faulty" if report.state is RunState.STOPPED else report.state.name.lower()
    except (SettingsError, UsageError):
        ended = "usage"
        raise
    finally:
        workspace.journal.end_run(run, ended, workspace.clock.now())
    total = sum((outcome.balance for outcome in outcomes), Balance())
    fates = {fate.value: number for fate, number in total.fates.items()}
    log("run_ended", run=run, exit=int(report.state), received=total.received, **fates)
    return report


def _raise_common_mistake(outcomes: Sequence[FlowOutcome]) -> None:
    """Raise what is wrong with the settings when it kept every flow from doing anything: then nothing was done."""
    mistakes = [outcome.failure for outcome in outcomes if isinstance(outcome.failure, SettingsError | UsageError)]
    if mistakes and len(mistakes) == len(outcomes):
        raise mistakes[0]


def _check_journal(workspace: Workspace) -> list[RunNotice]:
    """Check the journal before anything is written on it. Raises FatalError `incident.journal.corrupt`."""
    if workspace.journal.check_health() is not DatabaseFileState.CHANGED:
        return []
    log("journal_changed")
    return [RunNotice("incident.journal.changed")]


def _keep_head(workspace: Workspace) -> list[RunNotice]:
    """Keep the head of the audit trail in the file of the settings; return what somebody should know of it."""
    path = workspace.settings.audit_anchor
    try:
        if path is not None:
            append_head(path, workspace.journal.get_audit_head(), workspace.clock.now())
    except OSError as error:
        log("audit_unanchored", error=error)
        return [RunNotice("incident.audit.unanchored")]
    return []


def _tidy(workspace: Workspace, run: int) -> list[RunNotice]:
    """Tidy, and return what somebody should know of it. The flows were served: a fault here does not undo that."""
    try:
        tidying = tidy(workspace, run)
    except BaseException as error:
        if isinstance(error, FatalError) and error.code.startswith(("incident.database.", "incident.journal.")):
            raise
        if not is_fault(error) and not isinstance(error, PasserelleError):
            raise
        log("tidy_failed", error=error)
        # when what is too old lies where nobody answers, it goes at the next run
        return [RunNotice(error.code if isinstance(error, TransientError) else "incident.tidying.failed")]
    if tidying.clock.has_jumped:
        return [RunNotice("incident.clock.jumped", {"days": str(tidying.clock.days)})]
    return []


def resume_flow(workspace: Workspace, name: str, *, who: str, absent: str = "") -> ResumedFlow:
    """Lift the suspension or wait of a flow and take its parked parcels up again; `who` goes into the audit trail.

    `absent` answers, for these parcels, what the columns mean that they lack: `keep` or `empty`. Raises UsageError for
    an unknown flow.
    """
    flow, journal = workspace.settings.get_flow(name).name, workspace.journal
    was_suspended = journal.find_suspension(flow) is not None
    act = AuditEntry(0, workspace.clock.now(), "flow.resume", flow, absent, who)
    reopened = journal.resume(flow, act, absent=absent)
    log("flow_resumed", flow=flow, count=reopened)
    return ResumedFlow(flow, was_suspended, reopened)
