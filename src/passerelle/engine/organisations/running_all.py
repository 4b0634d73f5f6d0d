"""One run of the flows of an organisation, and what is told of it: what `run` does for each of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.runs.running import run_flows, select_flows
from passerelle.engine.settings.processing_check import find_gaps
from passerelle.engine.workspace.assembly import JOBS
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.runs.running import RunReport, Watch
    from passerelle.engine.settings.processing_check import ProcessingGap
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.errors import PasserelleError

    Send = Callable[[Workspace, RunReport], Sequence[PasserelleError]]
    """Tells people and monitors of a run; returns what could not be sent."""


@dataclass(frozen=True, slots=True)
class OrganisationRun:
    """What a run did for one organisation; no report where nothing was due."""

    report: RunReport | None
    following: Mapping[str, datetime]
    """When the flows that are not due will be."""
    gaps: Mapping[str, Sequence[ProcessingGap]]
    """By flow, what the settings do not state of its processing."""
    unsent: Sequence[PasserelleError] = ()


def run_organisation(
    workspace: Workspace, send: Send, *, only_due: bool = False, jobs: int = JOBS, watch: Watch | None = None
) -> OrganisationRun:
    """Run the enabled flows of an organisation, those that are due where only these are wanted. Raises as a run."""
    names, following = select_flows(workspace.settings, ()), {}
    if only_due:
        from passerelle.engine.schedule.due_flows import find_due  # noqa: PLC0415  who runs by hand does not pay for it

        found = find_due(workspace, names)
        names, following = list(found.due), dict(found.following)
    today = workspace.clock.now().date()
    gaps = {name: find_gaps(flow, workspace.plugins, today) for name, flow in workspace.settings.flows.items()}
    if not names:
        return OrganisationRun(None, following, gaps)
    report = run_flows(workspace, names, jobs=jobs, watch=watch)
    return OrganisationRun(report, following, gaps, send(workspace, report))
