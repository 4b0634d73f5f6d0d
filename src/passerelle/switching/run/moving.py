"""`switch run`: every sub-flow in order, then what waited for references; stops where more is lost than was decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from passerelle.engine.path.selection import ContractSelection
from passerelle.engine.quarantine.replaying import replay
from passerelle.engine.runs.worker import FlowOutcome, run_flow
from passerelle.engine.workspace.assembly import FlowOverride
from passerelle.stores.parcels import ParcelState
from passerelle.switching.decisions import Decisions
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.run import sub_flows
from passerelle.switching.run.batch_spool import BatchSpool
from passerelle.switching.run.held_rows import WAITING
from passerelle.switching.run.relinking import RefTranslator, relink_records
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from passerelle.engine.flow_progress import Progress
    from passerelle.engine.path.collecting import Deposits
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.quarantine_causes import QuarantineCause
    from passerelle.stores.quarantine_rows import QuarantineRow
    from passerelle.switching.left_behind import LeftBehind
    from passerelle.switching.run.sub_flows import Move, SubFlow
    from passerelle.switching.switch_settings import SwitchDocument

LOSS = "deliver.loss.undecided"
COLUMN_LOSS = "deliver.column.undecided"
ROLLING_BACK = "switch.rolling_back"
ROLLED_BACK = "switch.rolled_back"
"""Audited when a move was taken back: from then on its flows have new names, for the other side remembers old keys."""
ACTS = frozenset({ROLLING_BACK, ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class MoveStatus:
    """How far a contract is after a run, over all runs of this move."""

    contract: str
    """Of several that stand in one row of the new software, the one that the row is about."""
    balance: Balance
    """What this run did with each record: one that waited and then went is one record, not two."""
    waiting: int = 0
    """Records whose references lead to records that the new software does not have yet.

    Of a row that gives several, one is counted.
    """
    lost: int = 0
    """Records that either side refused, and that nobody corrected or discarded so far."""
    beside: tuple[str, ...] = ()
    """The other contracts that stand in the row, counted with it."""


@dataclass(frozen=True, slots=True)
class MoveResult:
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
    left: tuple[LeftBehind, ...] = ()
    """What its files hold and no field takes, by name."""

    @property
    def waiting(self) -> int:
        """Count the records that wait for others."""
        return sum(status.waiting for status in self.statuses)

    @property
    def stopped_details(self) -> Mapping[str, str]:
        """Return what fills the sentence of `stopped`: the facts of the sub-flow that met it."""
        if self.stopped == COLUMN_LOSS:
            columns = [one for one in self.left if one.kind.is_column and not one.accepted_by]
            return {"count": format_count(len(columns))}
        found = (outcome.find_details(self.stopped) for outcome in reversed(self.outcomes))
        return next(filter(None, found), {})


@dataclass(slots=True)
class _Run:
    """One run under way."""

    workspace: Workspace
    move: Move
    decisions: Decisions
    number: int
    progress: Callable[[Progress], None]
    spool: BatchSpool
    outcomes: list[FlowOutcome] = field(default_factory=list)
    passed_again: Counter[str] = field(default_factory=Counter)
    """By flow: records that were withheld in this run, for what they refer to, and came again in it."""

    def run_sub_flow(self, sub_flow: SubFlow) -> FlowOutcome:
        """Run one sub-flow. Batches run one after the other: each must see the records that the ones before created."""
        outcome = run_flow(self.workspace, sub_flow.flow, run=self.number, progress=self.progress, jobs=1)
        self.outcomes.append(outcome)
        return outcome

    def run_all(self) -> tuple[str, str]:
        """Run every sub-flow, then replay what waited, as long as that helps.

        Return the reason code and the contract of what stopped it; both empty when nothing did.
        """
        waited = {sub_flow.flow: {row.id for row in self._list_waiting(sub_flow)} for sub_flow in self.move.sub_flows}
        for sub_flow in self.move.sub_flows:
            # Running the command again is how an operator confirms that the cause of a suspension was dealt with.
            self.workspace.journal.resume(sub_flow.flow)
            if code := _find_trouble(self.run_sub_flow(sub_flow)) or self._find_excess(sub_flow):
                return code, sub_flow.contract
            self.spool.release(sub_flow.export, sub_flow.contracts)
        before = -1
        # References may form chains: each round can free the next, and one that frees nothing is the last.
        while before != (before := sum(status.waiting for status in self.iter_statuses())) and before:
            for sub_flow in self.move.sub_flows:
                if code := self._replay_waiting(sub_flow, waited.pop(sub_flow.flow, set())):
                    return code, sub_flow.contract
        return "", ""

    def _replay_waiting(self, sub_flow: SubFlow, since_earlier: set[int]) -> str:
        """Try again what waits. Return the reason code of what stopped it, else an empty text.

        What waited since an earlier run is received for the first time in this one: it is tried by itself.
        """
        rows = [row.id for row in self._list_waiting(sub_flow)]
        for is_first in (True, False):
            chosen = [row for row in rows if (row in since_earlier) == is_first]
            if not chosen or not replay(self.workspace, sub_flow.flow, chosen):
                continue
            outcome = self.run_sub_flow(sub_flow)
            if not is_first:
                self.passed_again[sub_flow.flow] += outcome.balance.received
            if code := _find_trouble(outcome) or self._find_excess(sub_flow):
                return code
        return ""

    def _list_waiting(self, sub_flow: SubFlow) -> Sequence[QuarantineRow]:
        return self.workspace.quarantine.list_rows(flow=sub_flow.flow, reason=WAITING)

    def _find_excess(self, sub_flow: SubFlow) -> str:
        """Return the reason code when more of a contract is lost than somebody accepted, else an empty text."""
        for contract in sub_flow.contracts:
            lost = sum(cause.count for cause in self._iter_causes(contract) if cause.fate is not Fate.WITHHELD)
            if lost and not self.decisions.find_acceptance(contract, "", DifferenceKind.REFUSED, lost):
                return LOSS
        return ""

    def _iter_causes(self, contract: str) -> Iterator[QuarantineCause]:
        """Yield why records of a contract are in quarantine, and in its own flow those of none."""
        for sub_flow in self.move.sub_flows:
            if contract in sub_flow.contracts:
                for cause in self.workspace.quarantine.list_causes(flow=sub_flow.flow):
                    if (cause.contract if cause.contract in sub_flow.contracts else sub_flow.contract) == contract:
                        yield cause

    def iter_statuses(self) -> Iterator[MoveStatus]:
        """Yield how far each contract is."""
        leading = dict.fromkeys(sub_flow.contract for sub_flow in self.move.sub_flows)
        return (self._compute_status(contract) for contract in leading)

    def _compute_status(self, leading: str) -> MoveStatus:
        mine = [sub_flow for sub_flow in self.move.sub_flows if sub_flow.contract == leading]
        flows = {sub_flow.flow for sub_flow in mine}
        causes = [cause for flow in flows for cause in self.workspace.quarantine.list_causes(flow=flow)]
        done = sum((one.balance for one in self.outcomes if one.flow in flows), Balance())
        again = sum(self.passed_again[flow] for flow in flows)
        if again:
            done += Balance(-again, {Fate.WITHHELD: -again})
        return MoveStatus(
            leading,
            done,
            sum(cause.count for cause in causes if cause.reason == WAITING),
            sum(cause.count for cause in causes if cause.fate is not Fate.WITHHELD),
            tuple(dict.fromkeys(name for sub_flow in mine for name in sub_flow.beside)),
        )


def prepare_move(workspace: Workspace, document: SwitchDocument, name: str) -> Move:
    """Work out the present flows of a move: after a rollback they are new ones.

    Raises UsageError for what cannot be moved so.
    """
    generation = 1 + list_acts(workspace, name).count(ROLLED_BACK)
    return sub_flows.make_move(name, document, workspace.settings, workspace.plugins, generation=generation)


def list_acts(workspace: Workspace, name: str) -> list[str]:
    """List what was done to a move as a whole, from the audit trail, oldest first."""
    return [
        entry.action
        for entry in workspace.journal.list_audit_entries()
        if entry.subject == name and entry.action in ACTS
    ]


def claim_move(workspace: Workspace, move: Move) -> AbstractContextManager[None]:
    """Hold the whole move for this process. Entering raises TransientError when another process holds it."""
    return workspace.journal.claim(f"switch {move.name}")


def apply_move(workspace: Workspace, move: Move, decisions: Decisions, spool: BatchSpool) -> Workspace:
    """Return a workspace whose flows are those of the move; those of one export share its batches through the spool."""
    flows = dict(sub_flows.list_flows(move))
    bare = replace(workspace, settings=replace(workspace.settings, flows=flows))
    translator = RefTranslator(bare, move, decisions)
    # The sub-flows of an export look at the same files: the first copies them to the depot, the others register them.
    deposits: dict[int, Deposits] = {export: {} for export in move.orders}
    overrides = {
        sub_flow.flow: FlowOverride(
            ContractSelection(sub_flow.only),
            partial(relink_records, translator=translator, row=sub_flow.row, held=sub_flow.contracts),
            partial(spool.open, sub_flow.export, sub_flow.contracts),
            deposits[sub_flow.export],
        )
        for sub_flow in move.sub_flows
    }
    return replace(bare, overrides=overrides)


def run_move(
    workspace: Workspace,
    move: Move,
    decisions: Decisions | None = None,
    progress: Callable[[Progress], None] = lambda _progress: None,
    *,
    left: Sequence[LeftBehind] = (),
) -> MoveResult:
    """Move what is new or changed since the last run; running it again changes nothing. A killed run is continued.

    Nothing moves while `left`, what the exports hold and no field takes, names a column that nobody accepted to lose.
    What concerns one side ends in the outcome; a FatalError about the journal, its room or the key goes up. Raises
    UsageError while a rollback of this move is not finished, TransientError while another process works on it.
    """
    decided = decisions or Decisions()
    with claim_move(workspace, move):
        if list_acts(workspace, move.name)[-1:] == [ROLLING_BACK]:
            raise UsageError("usage.switch.rolling_back", name=move.name)
        workspace.journal.check_health()
        if undecided := next((one for one in left if one.kind.is_column and not one.accepted_by), None):
            return MoveResult(stopped=COLUMN_LOSS, at=undecided.connector, left=tuple(left))
        number = workspace.journal.begin_run([sub_flow.flow for sub_flow in move.sub_flows], workspace.clock.now())
        spool = BatchSpool(workspace.settings.state, move.orders)
        work = _Run(apply_move(workspace, move, decided, spool), move, decided, number, progress, spool)
        ended = "stopped"
        try:
            stopped, at = work.run_all()
            ended = "waiting" if stopped else "settled"
        finally:
            spool.close()
            workspace.journal.end_run(number, ended, workspace.clock.now())
    statuses, outcomes = tuple(work.iter_statuses()), _sum_outcomes(work.outcomes)
    rows = (row for sub_flow in move.sub_flows for row in workspace.journal.list_parcels(sub_flow.flow))
    # By digest: every sub-flow of an export tries the same file.
    unread = len({row.digest for row in rows if row.state == ParcelState.PARKED})
    return MoveResult(statuses, outcomes, stopped, at, move.undelivered, unread, tuple(left))


def _find_trouble(outcome: FlowOutcome) -> str:
    """Return the reason code of what keeps a sub-flow unfinished, else an empty text.

    Later contracts would only wait for its records.
    """
    if outcome.suspended or outcome.trouble or outcome.failed:
        return outcome.suspended or outcome.trouble or outcome.failed
    if outcome.waiting:
        return "incident.supplier.unreachable"
    return "deliver.parcel.parked" if outcome.parked else ""


def _sum_outcomes(outcomes: Sequence[FlowOutcome]) -> tuple[FlowOutcome, ...]:
    """Add up the outcomes of the same flow: its first run, and those for what waited."""
    found: dict[str, FlowOutcome] = {}
    for one in outcomes:
        earlier = found.get(one.flow)
        found[one.flow] = (
            replace(one, balance=earlier.balance + one.balance, settled=earlier.settled + one.settled)
            if earlier
            else one
        )
    return tuple(found.values())
