"""Has flows run or tried, and changes of supplier weighed and compared, behind the pages, each in its queue.

A run or a trial is not behind the reading of whole exports, and a file that somebody drops is behind neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from passerelle.engine.log import log
from passerelle.engine.runs.running import run_flows
from passerelle.faces.web.work_queues import WorkQueue
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.language import get_current, set_language

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from passerelle.engine.rehearsal.rehearsing import Rehearsal
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.faces.web.work_queues import WorkTicket
    from passerelle.switching.change_overview import PlannedChange
    from passerelle.switching.compare.side_comparison import SideComparison
    from passerelle.switching.rollback.undoing import ContractRollback


SwitchFound: TypeAlias = "PlannedChange | SideComparison | list[ContractRollback]"


@dataclass(slots=True)
class FlowTrial:
    """The last trial of a flow that somebody asked for here. No value is in it."""

    began: datetime
    is_over: bool = False
    rehearsal: Rehearsal | None = None
    failure: PasserelleError | None = None
    """Why there is no rehearsal; None also for a fault of the program."""
    ticket: WorkTicket | None = None
    """Its place among what was asked for."""


@dataclass(slots=True)
class SwitchWork:
    """Something that was last asked for here about a change of supplier. No value is in it."""

    began: datetime
    is_over: bool = False
    found: SwitchFound | None = None
    failure: PasserelleError | None = None
    """Why nothing was found; None also for a fault of the program."""
    ticket: WorkTicket | None = None
    """Its place among what was asked for."""


@dataclass(slots=True)
class RunStarter:
    """Starts runs and trials. Flows are claimed as by any other run: what another process runs is left to it."""

    workspace: Workspace
    trials: dict[str, FlowTrial] = field(default_factory=dict)
    """By flow."""
    works: dict[tuple[str, str], SwitchWork] = field(default_factory=dict)
    """By change of supplier, and what is done about it."""
    runs: WorkQueue = field(default_factory=lambda: WorkQueue(1))
    """Runs and trials: one at a time, as one run takes the machine that it finds."""
    studies: WorkQueue = field(init=False)
    """What reads whole exports of a change of supplier."""
    checks: WorkQueue = field(init=False)
    """Files that somebody drops: they are short, and answered at once."""

    def __post_init__(self) -> None:
        """Make the queues as wide as the settings say."""
        web = self.workspace.settings.web
        self.studies, self.checks = WorkQueue(web.studies_at_once), WorkQueue(web.checks_at_once)

    def start(self, flow: str) -> WorkTicket | None:
        """Start a run of one flow in its turn; None where that is asked for already, or too much waits."""
        return self.runs.begin(f"run {flow}", lambda: self._run(flow))

    def start_trial(self, flow: str) -> bool:
        """Try one flow in its turn, without anything being delivered; false where that is asked for already."""
        trial = FlowTrial(self.workspace.clock.now())
        trial.ticket = self.runs.begin(f"trial {flow}", lambda: self._try(flow, trial))
        if trial.ticket is not None:
            self.trials[flow] = trial
        return trial.ticket is not None

    def start_work(self, change: str, kind: str, act: Callable[[], SwitchFound]) -> bool:
        """Do something about a change of supplier in its turn; false where that is asked for already."""
        work, language = SwitchWork(self.workspace.clock.now()), get_current()
        work.ticket = self.studies.begin(f"{kind} {change}", lambda: self._work(act, work, language))
        if work.ticket is not None:
            self.works[change, kind] = work
        return work.ticket is not None

    def count_before(self, asked: FlowTrial | SwitchWork) -> int:
        """Return how many things come before something that was asked for; 0 once its turn has come."""
        queue = self.runs if isinstance(asked, FlowTrial) else self.studies
        return queue.count_before(asked.ticket) if asked.ticket is not None else 0

    def wait(self) -> None:
        """Wait until everything that was asked for is done."""
        for queue in (self.runs, self.studies):
            queue.wait()

    def close(self) -> None:
        """Let go of what still waits, and wait for what goes on."""
        for queue in (self.runs, self.studies):
            queue.close()

    def _run(self, flow: str) -> None:
        try:
            run_flows(self.workspace, [flow])
        except PasserelleError as error:
            log("run_failed", flow=flow, code=error.code)
        except Exception as error:  # noqa: BLE001  nobody else hears of a fault on this thread
            log("run_failed", flow=flow, error=error)

    def _work(self, act: Callable[[], SwitchFound], work: SwitchWork, language: str) -> None:
        set_language(language)
        try:
            work.found = act()
        except PasserelleError as error:
            log("switch_failed", code=error.code)
            work.failure = error
        except Exception as error:  # noqa: BLE001  nobody else hears of a fault on this thread
            log("switch_failed", error=error)
        finally:
            work.is_over = True

    def _try(self, flow: str, trial: FlowTrial) -> None:
        from passerelle.engine.rehearsal.rehearsing import rehearse  # noqa: PLC0415  only who tries a flow pays for it

        workspace = self.workspace
        try:
            (trial.rehearsal,) = rehearse(workspace.settings, [flow], clock=workspace.clock, plugins=workspace.plugins)
        except PasserelleError as error:
            log("trial_failed", flow=flow, code=error.code)
            trial.failure = error
        except Exception as error:  # noqa: BLE001  nobody else hears of a fault on this thread
            log("trial_failed", flow=flow, error=error)
        finally:
            trial.is_over = True
