"""Reads the state of a workspace: its last run, and of each flow its balance since the beginning and its parcels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.processing_check import find_gaps
from passerelle.engine.silence_watch import LATE, find_lateness
from passerelle.stores.notices import Notice
from passerelle.stores.parcels import REPLAY
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.assembly import Workspace
    from passerelle.engine.processing_check import ProcessingGap
    from passerelle.engine.settings import Flow
    from passerelle.stores.books import ParcelRow, RunRow
    from passerelle.stores.settlement import ReasonKey
    from passerelle.stores.suspensions import Suspension


@dataclass(frozen=True, slots=True)
class FlowStatus:
    """One flow: its settings, and what the journal holds of it."""

    settings: Flow
    suspension: Suspension | None
    """Why it does not run, and since when; None when it is not suspended."""
    parcels: Sequence[ParcelRow]
    """The latest last."""
    causes: Mapping[ReasonKey, int]
    """Records set aside or doubtful since the beginning, the most frequent cause first."""
    notices: Sequence[Notice] = ()
    """What a person should look at and is no row."""
    gaps: Sequence[ProcessingGap] = ()
    """What the settings do not state of its processing."""

    @property
    def suspended(self) -> str:
        """The reason code of the suspension; empty when it is not suspended."""
        return self.suspension.code if self.suspension else ""

    @property
    def balance(self) -> Balance:
        """The books of everything that was supplied. A record that was replayed was received once, not twice."""
        return sum((row.balance for row in self.parcels if row.kind != REPLAY), Balance())

    @property
    def replayed(self) -> Balance:
        """What became of records that came back from quarantine: they were counted before, when they came."""
        return sum((row.balance for row in self.parcels if row.kind == REPLAY), Balance())


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
        return any(flow.suspension for flow in self.flows)


def read_status(workspace: Workspace, names: Sequence[str] = ()) -> WorkspaceStatus:
    """Return the state of the named flows; without names, of all. Raises UsageError for an unknown flow."""
    journal, settings = workspace.journal, workspace.settings
    flows = [settings.get_flow(name) for name in names] or settings.flows.values()
    return WorkspaceStatus(
        next(iter(journal.list_runs(1)), None),
        tuple(
            FlowStatus(
                flow,
                journal.find_suspension(flow.name),
                journal.list_parcels(flow.name),
                journal.count_reasons(flow.name),
                list_flow_notices(workspace, flow),
                find_gaps(flow, workspace.plugins, workspace.clock.now().date()),
            )
            for flow in flows
        ),
    )


def list_flow_notices(workspace: Workspace, flow: Flow) -> Sequence[Notice]:
    """Return the notices of a flow; that it is late is looked up now, for runs may have stopped as well."""
    now = workspace.clock.now()
    notices = [notice for notice in workspace.journal.list_notices(flow.name) if notice.code != LATE]
    late = find_lateness(workspace.journal, flow, now) if flow.enabled else None
    return [*notices, Notice(flow.name, LATE, late.since + late.every, now, late.details)] if late else notices
