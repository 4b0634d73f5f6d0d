"""Reads the state of a workspace: its last run, and of each flow its books, its parcels, its days and what waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.incidents.incident_finding import WAITS
from passerelle.engine.runs.run_state import is_pressing
from passerelle.engine.runs.silence_watch import LATE, find_lateness
from passerelle.engine.settings.processing_check import find_gaps
from passerelle.stores.notices import Notice
from passerelle.stores.parcels import REPLAY, ParcelState
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.settings.processing_check import ProcessingGap
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.books import DayBalance, ParcelRow, RunRow
    from passerelle.stores.incidents import Incident
    from passerelle.stores.quarantine_causes import QuarantineCause
    from passerelle.stores.settlement import ReasonKey
    from passerelle.stores.shelf_upkeep import ShelfState
    from passerelle.stores.suspensions import Suspension

DAYS = 30
"""Days of which the books are told one by one, the last of which is today (UTC)."""


@dataclass(frozen=True, slots=True)
class WaitingRecords:
    """What of a flow is in quarantine and waits for somebody."""

    causes: Sequence[QuarantineCause] = ()
    """The most frequent first; what is withheld on purpose is one of them."""
    oldest: datetime | None = None
    """When the first of those that wait was set aside."""

    @property
    def count(self) -> int:
        """How many records wait. What is withheld on purpose (consent, purpose, scope) waits for nobody."""
        return sum(cause.count for cause in self.causes if cause.fate is not Fate.WITHHELD)

    @property
    def withheld(self) -> int:
        """How many records are kept that are withheld on purpose."""
        return sum(cause.count for cause in self.causes if cause.fate is Fate.WITHHELD)


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
    waiting: WaitingRecords = field(default_factory=WaitingRecords)
    days: Sequence[DayBalance] = ()
    """What it was supplied with on each of the last days on which something was settled."""
    last_run: RunRow | None = None
    """The last run in which it took part."""
    last_arrival: datetime | None = None
    """When its source was last heard of."""
    waits: Incident | None = None
    """That it waits for the other side, why and since when; known where the settings name somebody to tell."""
    away: Mapping[str, datetime] = field(default_factory=dict)
    """The sides that are not there (`source`, `destination`), since when."""

    shelf: Sequence[ShelfState] = ()
    """What it keeps for those who read the API, by contract."""

    @property
    def is_late(self) -> bool:
        """Whether nothing came in time from its source."""
        return any(notice.code == LATE for notice in self.notices)

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
    read_at: datetime

    @property
    def has_notices(self) -> bool:
        """Whether a notice asks somebody to look at a flow."""
        return any(is_pressing(notice.code) for flow in self.flows for notice in flow.notices)

    @property
    def has_parked(self) -> bool:
        """Whether a parcel is parked: no later run tells it again."""
        return any(row.state == ParcelState.PARKED for flow in self.flows for row in flow.parcels)

    @property
    def has_suspended(self) -> bool:
        """Whether a flow waits for somebody to act."""
        return any(flow.suspension for flow in self.flows)


def read_status(workspace: Workspace, names: Sequence[str] = ()) -> WorkspaceStatus:
    """Return the state of the named flows; without names, of all. Raises UsageError for an unknown flow."""
    settings = workspace.settings
    flows = [settings.get_flow(name) for name in names] or settings.flows.values()
    last_run = next(iter(workspace.journal.list_runs(1)), None)
    now = workspace.clock.now()
    return WorkspaceStatus(last_run, tuple(_read_flow(workspace, flow, now) for flow in flows), now)


def _read_flow(workspace: Workspace, flow: Flow, now: datetime) -> FlowStatus:
    journal = workspace.journal
    return FlowStatus(
        settings=flow,
        suspension=journal.find_suspension(flow.name),
        parcels=journal.list_parcels(flow.name),
        causes=journal.count_reasons(flow.name),
        notices=list_flow_notices(workspace, flow),
        gaps=find_gaps(flow, workspace.plugins, now.date()),
        waiting=_read_waiting(workspace, flow.name),
        days=journal.list_days(find_first_day(now, DAYS), flow.name),
        last_run=next(iter(journal.list_runs(1, flow.name)), None),
        last_arrival=journal.find_last_arrival(flow.name),
        waits=_find_wait(workspace, flow.name),
        away=journal.list_away(flow.name),
        shelf=[one for one in workspace.shelf.list_states() if one.flow == flow.name] if flow.shelf_days else (),
    )


def _find_wait(workspace: Workspace, flow: str) -> Incident | None:
    # what a run shows is kept for those who are told: without anybody, what an earlier one showed would stay
    if not workspace.settings.notify.channels:
        return None
    return next((one for one in workspace.journal.list_incidents() if one.key == (flow, WAITS)), None)


def _read_waiting(workspace: Workspace, flow: str) -> WaitingRecords:
    causes = workspace.quarantine.list_causes(flow=flow)
    # by cause: where a million records wait, the first of each is found without reading the others
    moments = [workspace.quarantine.find_oldest(cause.id) for cause in causes if cause.fate is not Fate.WITHHELD]
    return WaitingRecords(causes, min((moment for moment in moments if moment), default=None))


def find_first_day(now: datetime, days: int) -> datetime:
    """Return midnight (UTC) of the first of so many days, the last of which is today."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)


def list_flow_notices(workspace: Workspace, flow: Flow) -> Sequence[Notice]:
    """Return the notices of a flow; that it is late is looked up now, for runs may have stopped as well."""
    now = workspace.clock.now()
    notices = [notice for notice in workspace.journal.list_notices(flow.name) if notice.code != LATE]
    late = find_lateness(workspace.journal, flow, now) if flow.enabled else None
    return [*notices, Notice(flow.name, LATE, late.since + late.every, now, late.details)] if late else notices
