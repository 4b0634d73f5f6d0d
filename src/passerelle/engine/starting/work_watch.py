"""Finds what a program that stays awake has to do: flows that are due, folders in which something arrived."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.edges.sources.folder import FolderSource
from passerelle.engine.schedule.due_flows import find_due
from passerelle.engine.settings.place_settings import FileSourceSettings
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.engine.workspace.assembly import Workspace

Waiting = frozenset[tuple[str, int]]
_UNREADABLE: Waiting = frozenset({("", 0)})
"""Stands for a folder that cannot be looked at: the flow runs once, and tells why."""


@dataclass(slots=True)
class WorkWatch:
    """Remembers what lay in the folders at the last look: what stays there is taken once."""

    _seen: dict[str, Waiting] = field(default_factory=dict)

    def find_work(self, workspace: Workspace, names: Sequence[str]) -> list[str]:
        """Return which of these flows have something to do now, in their order.

        One with a schedule when it is due; any when a file arrived in its folder, or when a parcel of it waits no
        longer. Raises SettingsError `settings.schedule.unclear`.
        """
        flows, now = workspace.settings.flows, workspace.clock.now()
        due = set(find_due(workspace, [name for name in names if flows[name].schedule]).due)
        # each is looked at, also when it is due anyway: what lies there now is taken by that run
        arrived = {name for name in names if self._has_arrivals(workspace, name)}
        return [name for name in names if name in due or name in arrived or _has_open(workspace, name, now)]

    def _has_arrivals(self, workspace: Workspace, name: str) -> bool:
        if workspace.journal.find_suspension(name):
            return False  # kept for when somebody resumes it
        waiting = _list_waiting(workspace, name)
        before = self._seen.get(name, frozenset())
        self._seen[name] = waiting
        return bool(waiting - before)


def find_asleep(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Return the flows that nothing wakes: without a schedule, and with a source that has to be asked."""
    flows = workspace.settings.flows
    return [name for name in names if not flows[name].schedule and flows[name].source.kind in ("api", "mailbox")]


def _list_waiting(workspace: Workspace, name: str) -> Waiting:
    if not isinstance(workspace.settings.flows[name].source, FileSourceSettings):
        return frozenset()
    try:
        with workspace.open_flow(name) as flow:
            source = flow.open_source()
            return source.list_waiting() if isinstance(source, FolderSource) else frozenset()
    except PasserelleError:
        return _UNREADABLE


def _has_open(workspace: Workspace, name: str, now: datetime) -> bool:
    """Whether a parcel may be worked on now: what a webhook brought, or what waited for the other side."""
    if workspace.journal.find_suspension(name):
        return False
    parcels = workspace.journal.list_open_parcels(name, now)
    return any(parcel.not_before is None or parcel.not_before <= now for parcel in parcels)
