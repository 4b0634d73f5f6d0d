"""How the organisations of an installation are: counts alone, what needs a person first."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.engine.health.workspace_status import read_status
from passerelle.engine.runs.run_state import RunState, find_exit_code, is_pressing
from passerelle.stores.parcels import ParcelState
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from passerelle.engine.health.workspace_status import FlowStatus, WorkspaceStatus
    from passerelle.engine.organisations.members import MemberOrganisation
    from passerelle.engine.organisations.visiting import OrganisationRound
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.books import RunRow
    from passerelle.vocabulary.errors import PasserelleError


@dataclass(frozen=True, slots=True)
class OrganisationCounts:
    """How one organisation is, in numbers; no name of a flow, a file or a person."""

    flows: int = 0
    """Flows that are enabled."""
    suspended: int = 0
    parked: int = 0
    """Parcels that are parked."""
    notices: int = 0
    """Notices that somebody should look at: silence, certificates."""
    waiting: int = 0
    """Records in quarantine that wait for somebody."""
    withheld: int = 0
    """Records that are kept and withheld on purpose."""
    away: int = 0
    """Flows that wait for the other side."""
    since: datetime | None = None
    """Since when the oldest of what needs a person does."""
    last_run: RunRow | None = None

    @property
    def last_exit(self) -> int | None:
        """Return how the last run ended, as an exit code; None before the first, and for one that did not end."""
        return find_exit_code(self.last_run.outcome) if self.last_run else None


@dataclass(frozen=True, slots=True)
class OrganisationState:
    """One organisation: its counts, or why they cannot be had."""

    organisation: str
    counts: OrganisationCounts = field(default_factory=OrganisationCounts)
    error: PasserelleError | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it cannot be opened, or its last run failed."""
        return self.error is not None or self.counts.last_exit == RunState.STOPPED

    @property
    def state(self) -> RunState:
        """How pressing it is, as `status` answers for one organisation alone."""
        if self.error is not None:
            return RunState.STOPPED
        if self.counts.suspended:
            return RunState.SUSPENDED
        return RunState.ASIDE if self.counts.parked or self.counts.notices else RunState.SETTLED

    @property
    def rank(self) -> int:
        """Return how far down the list it stands: what needs a person comes first."""
        counts = self.counts
        needs = (self.has_failed, counts.suspended, counts.parked or counts.notices, counts.waiting, counts.away)
        return next((rank for rank, need in enumerate(needs) if need), len(needs))


def read_overview(members: Iterable[MemberOrganisation], rounds: OrganisationRound) -> list[OrganisationState]:
    """Return the state of each organisation, what needs a person first, and of these what has for the longest time."""
    states = [
        OrganisationState(visit.organisation, visit.answer or OrganisationCounts(), visit.error)
        for visit in rounds.ask_all(members, count_organisation)
    ]
    return arrange_states(states)


def arrange_states(states: Iterable[OrganisationState]) -> list[OrganisationState]:
    """Return states in the order in which a person takes them up."""
    return sorted(states, key=_sort)


def count_organisation(workspace: Workspace) -> OrganisationCounts:
    """Return the counts of an organisation."""
    return _count(read_status(workspace))


def _count(status: WorkspaceStatus) -> OrganisationCounts:
    flows = status.flows
    return OrganisationCounts(
        flows=sum(flow.settings.enabled for flow in flows),
        suspended=sum(flow.suspension is not None for flow in flows),
        parked=sum(row.state == ParcelState.PARKED for flow in flows for row in flow.parcels),
        notices=sum(is_pressing(notice.code) for flow in flows for notice in flow.notices),
        waiting=sum(flow.waiting.count for flow in flows),
        withheld=sum(flow.waiting.withheld for flow in flows),
        away=sum(_is_away(flow) for flow in flows),
        since=min((moment for flow in flows for moment in _list_moments(flow)), default=None),
        last_run=status.last_run,
    )


def _is_away(flow: FlowStatus) -> bool:
    return bool(flow.away or flow.waits or any(row.state == ParcelState.WAITING for row in flow.parcels))


def _list_moments(flow: FlowStatus) -> Iterator[datetime]:
    """Yield since when each thing of a flow that needs a person does."""
    if flow.suspension:
        yield flow.suspension.since
    if flow.waiting.oldest:
        yield flow.waiting.oldest
    yield from (row.received_at for row in flow.parcels if row.state == ParcelState.PARKED)
    yield from (notice.since for notice in flow.notices if is_pressing(notice.code))


def _sort(state: OrganisationState) -> tuple[int, str, str]:
    since = state.counts.since
    # an ISO moment sorts by time; `~` comes after every digit
    return state.rank, since.isoformat() if since else "~", state.organisation
