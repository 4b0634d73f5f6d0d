"""Runs the flows of an open workspace one after the other, and resumes suspended ones."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.assembly import JOBS
from passerelle.engine.housekeeping import tidy
from passerelle.engine.log import log
from passerelle.engine.run_state import RunState, find_flows_state
from passerelle.engine.worker import FlowOutcome, run_flow
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from passerelle.engine.assembly import Workspace
    from passerelle.engine.settings import Settings
    from passerelle.engine.worker import Progress

    Watch = AbstractContextManager[Callable[[Progress], None]]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did: its number in the journal, and the outcome of each flow in the order they ran."""

    run: int
    outcomes: tuple[FlowOutcome, ...]

    @property
    def state(self) -> RunState:
        """How the run ended as a whole."""
        return find_flows_state(self.outcomes)


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


def run_flows(workspace: Workspace, names: Sequence[str], *, jobs: int = JOBS, watch: Watch | None = None) -> RunReport:
    """Run flows one after the other, then expire what is no longer needed. The run is in journal and log.

    A flow that is suspended or waits does not keep the others from going on; a FatalError does, and goes up.
    `watch` is entered for the time that flows run, and gives the callback for each step of each flow.
    """
    run = workspace.journal.begin_run(names, workspace.clock.now())
    log("run_started", run=run, flows=len(names))
    ended = "stopped"
    try:
        with watch or nullcontext(lambda _progress: None) as progress:
            outcomes = [run_flow(workspace, name, run=run, progress=progress, jobs=jobs) for name in names]
        tidy(workspace)
        report = RunReport(run, tuple(outcomes))
        ended = report.state.name.lower()
    finally:
        workspace.journal.end_run(run, ended, workspace.clock.now())
    total = sum((outcome.balance for outcome in outcomes), Balance())
    fates = {fate.value: number for fate, number in total.fates.items()}
    log("run_ended", run=run, exit=int(report.state), received=total.received, **fates)
    return report


def resume_flow(workspace: Workspace, name: str, *, who: str) -> ResumedFlow:
    """Lift the suspension or wait of a flow and take its parked parcels up again; `who` goes into the audit trail.

    Raises UsageError for an unknown flow.
    """
    flow, journal = workspace.settings.get_flow(name).name, workspace.journal
    was_suspended = journal.find_suspension(flow) is not None
    journal.resume(flow)
    reopened = sum(journal.reopen_parcel(flow, row.key) for row in journal.list_parcels(flow))
    journal.append_audit("flow.resume", flow, "", workspace.clock.now(), who)
    log("flow_resumed", flow=flow, count=reopened)
    return ResumedFlow(flow, was_suspended, reopened)
