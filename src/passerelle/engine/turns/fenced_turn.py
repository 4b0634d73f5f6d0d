"""What a worker does in a turn: a slice of a flow, under its fence, with the books of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.flow_slice import FlowSlice
from passerelle.engine.log import log
from passerelle.engine.runs.run_state import find_flows_state
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.turns.next_moments import find_next_moment
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.turns import TurnRest

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.engine.runs.worker import FlowOutcome
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.turns import Fence


@dataclass(frozen=True, slots=True)
class FencedTurn:
    """A turn of a flow of an open workspace. `is_stopped`: whether the worker has to end."""

    workspace: Workspace
    fence: Fence
    is_stopped: Callable[[], bool] = lambda: False

    def drain(self) -> TurnRest:
        """Take a slice of the flow, and return when it is due again.

        What concerns this flow alone is in the journal and the log. Raises the FatalErrors that concern every flow.
        """
        workspace, name = self.workspace, self.fence.key.flow
        flow = workspace.settings.flows.get(name)
        if flow is None or not flow.enabled:  # it was renamed or switched off since: nothing wakes it any more
            return TurnRest(None)
        rules, now = workspace.settings.fleet, workspace.clock.now
        share = FlowSlice(rules.slice_batches, rules.slice_seconds, is_ending=self.is_stopped)
        with workspace.journal.hold_fence(self.fence):
            outcome = self.run(share)
        left = len(workspace.journal.list_open_parcels(name, now()))
        due_at = find_next_moment(self.fence.key, flow, rules, now(), outcome.waiting_until)
        return TurnRest(due_at, left, outcome.has_more)

    def run(self, share: FlowSlice) -> FlowOutcome:
        """Run the flow; the run is in journal and log, as one of any other command."""
        journal, name, now = self.workspace.journal, self.fence.key.flow, self.workspace.clock.now
        run = journal.begin_run([name], now())
        ended = "stopped"
        try:
            outcome = run_flow(self.workspace, name, run=run, turn=share)
            ended = find_flows_state([outcome]).name.lower()
        finally:
            journal.end_run(run, ended, now())
        fates = {fate.value: number for fate, number in outcome.balance.fates.items()}
        log("turn_ended", run=run, flow=name, received=outcome.balance.received, **fates)
        return outcome
