"""`switch run`: every sub-flow in order, then what waited for references; stops where more is lost than was decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from passerelle.engine.assembly import FlowOverride
from passerelle.engine.replaying import replay
from passerelle.engine.selection import ContractSelection
from passerelle.engine.worker import FlowOutcome, run_flow
from passerelle.stores.parcels import ParcelState
from passerelle.switching.decisions import Decisions
from passerelle.switching.kinds import Kind
from passerelle.switching.run import sub_flows
from passerelle.switching.run.batch_spool import BatchSpool
from passerelle.switching.run.relinking import WAITING, Translator, relink_records
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from passerelle.engine.assembly import Workspace
    from passerelle.engine.worker import Progress
    from passerelle.switching.run.sub_flows import Move, SubFlow
    from passerelle.switching.settings import SwitchDocument

LOSS = "deliver.loss.undecided"
ROLLING_BACK = "switch.rolling_back"
ROLLED_BACK = "switch.rolled_back"
"""Audited when a move was taken back: from then on its flows have new names, for the other side remembers old keys."""
ACTS = frozenset({ROLLING_BACK, ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class MoveStatus:
    """How far a contract is after a run, over all runs of this move."""

    contract: str
    balance: Balance
    """What this run did."""
    waiting: int = 0
    """Records whose references lead to records that the new software does not have yet."""
    lost: int = 0
    """Records that either side refused, and that nobody corrected or discarded so far."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a run of a move did."""

    statuses: tuple[MoveStatus, ...] = ()
    outcomes: tuple[FlowOutcome, ...] = ()
    stopped: str = ""
    """Reason code of what kept later contracts from being tried; empty when all were."""
    at: str = ""
    """The contract where it stopped."""
    undelivered: tuple[str, ...] = ()
    unread: int = 0
    """Files of the old software that could not be read, over all runs."""

    @property
    def waiting(self) -> int:
        """Count the records that wait for others."""
        return sum(status.waiting for status in self.statuses)


@dataclass(slots=True)
class _Run:
    """One run under way."""

    house: Workspace
    move: Move
    decisions: Decisions
    number: int
    progress: Callable[[Progress], None]
    spool: BatchSpool
    outcomes: list[FlowOutcome] = field(default_factory=list)

    def take(self, sub_flow: SubFlow) -> FlowOutcome:
        """Run one sub-flow. Batches one after the other: each must see what the ones before brought."""
        outcome = run_flow(self.house, sub_flow.flow, run=self.number, progress=self.progress, jobs=1)
        self.outcomes.append(outcome)
        return outcome

    def all(self) -> tuple[str, str]:
        """Run every sub-flow, then what waited, as long as that helps. Say why and where it stopped, if it did."""
        for sub_flow in self.move.sub_flows:
            self.house.journal.resume(sub_flow.flow)  # running the command again is how one says that it was seen to
            if code := _trouble(self.take(sub_flow)) or self._excess(sub_flow.contract):
                return code, sub_flow.contract
            self.spool.release(sub_flow.export, sub_flow.contract)
        before = -1
        while before != (before := self._waiting()) and before:
            for sub_flow in self.move.sub_flows:
                if self._bring_back(sub_flow) and (
                    code := _trouble(self.take(sub_flow)) or self._excess(sub_flow.contract)
                ):
                    return code, sub_flow.contract
        return "", ""

    def _bring_back(self, sub_flow: SubFlow) -> bool:
        ids = [row.id for row in self.house.quarantine.list_rows(flow=sub_flow.flow, reason=WAITING)]
        return bool(ids) and bool(replay(self.house, sub_flow.flow, ids))

    def _waiting(self) -> int:
        return sum(status.waiting for status in self.statuses())

    def _excess(self, contract: str) -> str:
        """Say whether more of a contract is lost than somebody answers for."""
        lost = self._status(contract).lost
        return LOSS if lost and not self.decisions.accepts(contract, "", Kind.REFUSED, lost) else ""

    def statuses(self) -> Iterator[MoveStatus]:
        """Yield how far each contract is."""
        return (self._status(contract) for contract in self.move.contracts)

    def _status(self, contract: str) -> MoveStatus:
        flows = [sub_flow.flow for sub_flow in self.move.sub_flows if sub_flow.contract == contract]
        causes = [cause for flow in flows for cause in self.house.quarantine.list_causes(flow=flow)]
        done = sum((one.balance for one in self.outcomes if one.flow in flows), Balance())
        return MoveStatus(
            contract,
            done,
            sum(cause.count for cause in causes if cause.reason == WAITING),
            sum(cause.count for cause in causes if cause.fate is not Fate.WITHHELD),
        )


def prepared(house: Workspace, document: SwitchDocument, name: str) -> Move:
    """Work out the present flows of a move: after a rollback they are new ones.

    Raises UsageError for what cannot be moved so.
    """
    generation = 1 + acts(house, name).count(ROLLED_BACK)
    return sub_flows.prepare(name, document, house.settings, house.plugins, generation=generation)


def acts(house: Workspace, name: str) -> list[str]:
    """List what was done to a move as a whole, from the audit trail, oldest first."""
    return [
        entry.action for entry in house.journal.list_audit_entries() if entry.subject == name and entry.action in ACTS
    ]


def alone(house: Workspace, move: Move) -> AbstractContextManager[None]:
    """Hold the whole move for this process. Entering raises TransientError when another one holds it."""
    return house.journal.claim(f"switch {move.name}")


def fit_out(house: Workspace, move: Move, decisions: Decisions, spool: BatchSpool) -> Workspace:
    """Return a house whose flows are those of the move; those of one export share its batches through the spool."""
    flows = dict(sub_flows.list_flows(move))
    bare = replace(house, settings=replace(house.settings, flows=flows))
    fit = partial(relink_records, translator=Translator(bare, move, decisions))
    overrides = {
        sub_flow.flow: FlowOverride(
            ContractSelection(sub_flow.only), fit, partial(spool.open, sub_flow.export, sub_flow.contract)
        )
        for sub_flow in move.sub_flows
    }
    return replace(bare, overrides=overrides)


def run(
    house: Workspace,
    move: Move,
    decisions: Decisions | None = None,
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> Moved:
    """Move what is new or changed since the last run; the same again changes nothing. A killed run is gone on with.

    Errors of one side end in the outcome; a FatalError goes up and stops the process. Raises UsageError while a
    rollback of this move is not finished, TransientError while another process works on it.
    """
    decided = decisions or Decisions()
    with alone(house, move):
        if acts(house, move.name)[-1:] == [ROLLING_BACK]:
            raise UsageError("usage.switch.rolling_back", name=move.name)
        number = house.journal.begin_run([sub_flow.flow for sub_flow in move.sub_flows], house.clock.now())
        spool = BatchSpool(house.settings.state, move.orders)
        work = _Run(fit_out(house, move, decided, spool), move, decided, number, progress, spool)
        ended = "stopped"
        try:
            stopped, at = work.all()
            ended = "waiting" if stopped else "settled"
        finally:
            spool.close()
            house.journal.end_run(number, ended, house.clock.now())
    statuses, outcomes = tuple(work.statuses()), _summed(work.outcomes)
    return Moved(statuses, outcomes, stopped, at, move.undelivered, _unread(house, move))


def _trouble(outcome: FlowOutcome) -> str:
    """Say what keeps a sub-flow from being through: later contracts would only wait for it."""
    if outcome.suspended or outcome.trouble:
        return outcome.suspended or outcome.trouble
    if outcome.waiting:
        return "incident.supplier.unreachable"
    return "deliver.parcel.parked" if outcome.parked else ""


def _unread(house: Workspace, move: Move) -> int:
    """Count files, not how many sub-flows tried each."""
    rows = (row for sub_flow in move.sub_flows for row in house.journal.list_parcels(sub_flow.flow))
    return len({row.digest for row in rows if row.state == ParcelState.PARKED})


def _summed(outcomes: Sequence[FlowOutcome]) -> tuple[FlowOutcome, ...]:
    """Add up what was done of the same flow: once first, then again for what waited."""
    found: dict[str, FlowOutcome] = {}
    for one in outcomes:
        earlier = found.get(one.flow)
        found[one.flow] = (
            replace(one, balance=earlier.balance + one.balance, settled=earlier.settled + one.settled)
            if earlier
            else one
        )
    return tuple(found.values())
