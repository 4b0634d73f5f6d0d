"""Reads the state of a workspace: its last run, and of each flow its balance since the beginning and its parcels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.silence_watch import LATE, find_lateness
from passerelle.stores.notices import Notice
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.assembly import Workspace
    from passerelle.engine.settings import Flow
    from passerelle.stores.books import ParcelRow, RunRow
    from passerelle.stores.settlement import ReasonKey


@dataclass(frozen=True, slots=True)
class FlowStatus:
    """One flow: its settings, and what the journal holds of it."""

    settings: Flow
    suspended: str
    """Reason code of the suspension; empty when it is not suspended."""
    parcels: Sequence[ParcelRow]
    """The latest last."""
    causes: Mapping[ReasonKey, int]
    """Records set aside or doubtful since the beginning, the most frequent cause first."""
    notices: Sequence[Notice] = ()
    """What a person should look at and is no row."""

    @property
    def balance(self) -> Balance:
        """The books of all parcels together."""
        return sum((row.balance for row in self.parcels), Balance())


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """The last run, None before the first one, and each flow that was asked for."""

    last_run: RunRow | None
    flows: tuple[FlowStatus, ...]

    @property
    def has_notices(self) -> bool:
        """Whether somebody should look at a flow."""
        return any(flow.notices for flow in self.flows)

    @property
    def has_suspended(self) -> bool:
        """Whether a flow waits for somebody to act."""
        return any(flow.suspended for flow in self.flows)


def read_status(workspace: Workspace, names: Sequence[str] = ()) -> WorkspaceStatus:
    """Return the state of the named flows; without names, of all. Raises UsageError for an unknown flow."""
    journal, settings = workspace.journal, workspace.settings
    flows = [settings.get_flow(name) for name in names] or settings.flows.values()
    return WorkspaceStatus(
        next(iter(journal.list_runs(1)), None),
        tuple(
            FlowStatus(
                flow,
                suspension.code if (suspension := journal.find_suspension(flow.name)) else "",
                journal.list_parcels(flow.name),
                journal.count_reasons(flow.name),
                _list_notices(workspace, flow),
            )
            for flow in flows
        ),
    )


def _list_notices(workspace: Workspace, flow: Flow) -> Sequence[Notice]:
    """Return the notices of a flow; that it is late is looked up now, for runs may have stopped as well."""
    now = workspace.clock.now()
    notices = [notice for notice in workspace.journal.list_notices(flow.name) if notice.code != LATE]
    late = find_lateness(workspace.journal, flow, now) if flow.enabled else None
    return [*notices, Notice(flow.name, LATE, late.since + late.every, now, late.details)] if late else notices
