"""A worker for several organisations: looks at who has work, and works on each flow in its turn, a slice at a time."""

from __future__ import annotations

import time
from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.engine.flow_slice import FlowSlice
from passerelle.engine.organisations.members import choose_members
from passerelle.engine.organisations.turn_book import TurnBook
from passerelle.engine.organisations.turn_order import arrange_turns
from passerelle.engine.organisations.visiting import OrganisationRound
from passerelle.engine.runs.running import run_flows, select_flows
from passerelle.engine.schedule.due_flows import find_due
from passerelle.engine.starting.work_watch import WorkWatch
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passerelle.engine.organisations.members import MemberOrganisation
    from passerelle.engine.organisations.running_all import Send
    from passerelle.engine.organisations.turn_book import HeldTurn
    from passerelle.engine.organisations.turn_order import FlowTurn
    from passerelle.engine.runs.running import RunReport
    from passerelle.engine.settings.installation_settings import Installation
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.errors import PasserelleError


@dataclass(frozen=True, slots=True)
class WorkedTurn:
    """What came of a turn, or of a look at an organisation that could not be looked at."""

    organisation: str
    flow: str = ""
    """Empty: what is told is of the organisation as a whole."""
    report: RunReport | None = None
    error: PasserelleError | None = None

    @property
    def has_more(self) -> bool:
        """Whether the flow stands in line again."""
        return self.report is not None and any(outcome.has_more for outcome in self.report.outcomes)

    @property
    def was_kept_from_it(self) -> bool:
        """Whether something kept the flow from looking at its source: a fault, or somebody who works on it."""
        outcomes = self.report.outcomes if self.report else ()
        return self.error is not None or any(one.failed or one.trouble == "incident.flow.busy" for one in outcomes)


@dataclass(slots=True)
class TurnWorker:
    """One process that works; others may work on the same installation at the same time."""

    installation: Installation
    send: Send
    """Tells people and monitors, after each turn."""
    names: Sequence[str] = ()
    """The organisations that are worked for; all when none is named."""
    takes_due: bool = False
    """Whether a flow without a schedule is due at each look, as it is for a timer."""
    is_ending: Callable[[], bool] = lambda: False
    rounds: OrganisationRound = field(default_factory=lambda: OrganisationRound(tells_stops=True))
    _watches: dict[str, WorkWatch] = field(default_factory=dict)
    _members: dict[str, MemberOrganisation] = field(default_factory=dict)

    @property
    def book(self) -> TurnBook:
        """Return the line that all workers of the installation share."""
        return TurnBook.of(self.installation.path)

    def look(self) -> list[WorkedTurn]:
        """Look at each organisation, and let its flows that have work stand in line.

        Return those that could not be looked at. Raises UsageError and SettingsError about the installation as a whole.
        """
        members = choose_members(self.installation, self.names)
        self._members = {member.name: member for member in members}
        ready, failed = {}, []
        for answer in self.rounds.ask_all(members, self._find_work):
            if answer.error is not None:
                failed.append(WorkedTurn(answer.organisation, error=answer.error))
            ready[answer.organisation] = answer.answer or []
            if self.is_ending():
                break
        if turns := arrange_turns(ready):
            self.book.ask(turns)
        return failed

    def take_turn(self) -> WorkedTurn | None:
        """Work on the next flow in line for one slice; None when there is none that nobody works on."""
        held = self.book.take(self._is_wanted)
        if held is None:
            return None
        worked = WorkedTurn(*held.turn)
        try:
            worked = self._work_on(held)
        finally:
            self.book.end(held, has_more=worked.has_more)
        if worked.was_kept_from_it:
            # what lay in its folders was seen and not taken: the next look sees it again
            self._watches.pop(worked.organisation, None)
        return worked

    def _is_wanted(self, turn: FlowTurn) -> bool:
        return turn.organisation in self._members

    def _find_work(self, workspace: Workspace) -> list[str]:
        names = select_flows(workspace.settings, ())
        watch = self._watches.setdefault(workspace.settings.path.parent.name, WorkWatch())
        found = set(watch.find_work(workspace, names))
        if self.takes_due:
            found.update(find_due(workspace, names).due)
        return [name for name in names if name in found]

    def _work_on(self, held: HeldTurn) -> WorkedTurn:
        organisation, flow = held.turn
        fleet = self.installation.fleet
        turn = FlowSlice(fleet.slice_batches, fleet.slice_seconds, collects=not held.goes_on, is_ending=self.is_ending)

        def work(workspace: Workspace) -> RunReport | None:
            if flow not in workspace.settings.flows:
                return None  # taken out of the settings since it stood in line
            report = run_flows(workspace, [flow], turn=turn)
            self.send(workspace, report)
            return report

        answer = self.rounds.ask(self._members[organisation], work)
        return WorkedTurn(organisation, flow, answer.answer, answer.error)


def work(
    worker: TurnWorker,
    tell: Callable[[WorkedTurn], None],
    *,
    once: bool,
    every: float,
    wait: Callable[[float], object],
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Look and work until the worker is asked to end; with `once`, until nobody in line is left to be worked on.

    `tell` is given each turn and each organisation that could not be looked at, `wait` waits for so many seconds.
    Between turns the organisations are looked at again as often as while nothing is to be done: what comes meanwhile
    waits for no large member.
    """
    looked_at = now()
    _look(worker, tell)
    while not worker.is_ending():
        if not once and now() - looked_at >= every:
            looked_at = now()
            _look(worker, tell)
        worked = worker.take_turn()
        if worked is not None:
            tell(worked)
        elif once:
            return
        else:
            wait(max(0.0, every - (now() - looked_at)))


def _look(worker: TurnWorker, tell: Callable[[WorkedTurn], None]) -> None:
    for failed in worker.look():
        tell(failed)
