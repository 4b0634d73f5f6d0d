"""Finds the flows that are due by their schedule, compared with the runs in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from passerelle.engine.runs.run_state import RunState
from passerelle.engine.schedule.due_words import parse_due_words
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.settings.workspace_settings import Flow, Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.books import RunRow

HOME = "Europe/Paris"
"""The zone of schedules, where the flow has none of its own. Not the machine's: servers are often set to UTC."""
_RUNS = 5_000
"""Runs that are looked through for the last one of a flow."""
_NEW = timedelta(days=1)
"""A flow that never ran is due when its time came within the last day: not for a month end three weeks ago."""
_AGAIN = frozenset({RunState.WAITING.name.lower(), ""})
"""Outcomes after which a flow is due again at once: the other side did not answer, or the process was killed."""


@dataclass(frozen=True, slots=True)
class DueFlows:
    """The flows that are due, in their order, and of the others when they are."""

    due: tuple[str, ...]
    following: Mapping[str, datetime]


def find_unclear(settings: Settings) -> list[str]:
    """Return the names of the flows whose schedule is not understood."""
    return [flow.name for flow in settings.flows.values() if flow.schedule and parse_due_words(flow.schedule) is None]


def find_due(workspace: Workspace, names: Sequence[str]) -> DueFlows:
    """Return which of these flows are due now; one without a schedule always is.

    Due is a flow whose time came since its last run began, by whomever that was started, or whose last run waits for
    the other side. Raises SettingsError `settings.schedule.unclear`.
    """
    unclear = [name for name in find_unclear(workspace.settings) if name in names]
    if unclear:
        raise SettingsError("settings.schedule.unclear", flows=", ".join(unclear))
    now = workspace.clock.now()
    last = _find_last_runs(workspace.journal.list_runs(_RUNS))
    due, following = [], {}
    for name in names:
        flow = workspace.settings.get_flow(name)
        if _is_due(flow, last.get(name), now):
            due.append(name)
        elif moment := find_following(flow, now):
            following[name] = moment
    return DueFlows(tuple(due), following)


def find_following(flow: Flow, now: datetime) -> datetime | None:
    """Return when a flow is due next; None without a schedule, or for a day that never comes."""
    schedule = parse_due_words(flow.schedule)
    return schedule.find_next(now, ZoneInfo(flow.zone or HOME)) if schedule else None


def _is_due(flow: Flow, run: RunRow | None, now: datetime) -> bool:
    schedule = parse_due_words(flow.schedule)
    if schedule is None or (run is not None and run.outcome in _AGAIN):
        return True
    moment = schedule.find_last(now, ZoneInfo(flow.zone or HOME))
    return moment is not None and moment > (run.started_at if run else now - _NEW)


def _find_last_runs(runs: Sequence[RunRow]) -> dict[str, RunRow]:
    """Return the latest run of each flow; `runs` are the latest first."""
    last: dict[str, RunRow] = {}
    for run in runs:
        for name in run.flows:
            last.setdefault(name, run)
    return last
