"""Has flows run or tried, and changes of supplier weighed and compared, behind the pages: one thing at a time.

It is done on a thread of its own, which the server waits for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from passerelle.engine.log import log
from passerelle.engine.runs.running import run_flows
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.language import get_current, set_language

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from passerelle.engine.rehearsal.rehearsing import Rehearsal
    from passerelle.engine.workspace.assembly import Workspace
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


@dataclass(slots=True)
class SwitchWork:
    """Something that was last asked for here about a change of supplier. No value is in it."""

    began: datetime
    is_over: bool = False
    found: SwitchFound | None = None
    failure: PasserelleError | None = None
    """Why nothing was found; None also for a fault of the program."""


@dataclass(slots=True)
class RunStarter:
    """Starts runs and trials. Flows are claimed as by any other run: what another process runs is left to it."""

    workspace: Workspace
    trials: dict[str, FlowTrial] = field(default_factory=dict)
    """By flow."""
    works: dict[tuple[str, str], SwitchWork] = field(default_factory=dict)
    """By change of supplier, and what is done about it."""
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, flow: str) -> bool:
        """Start a run of one flow; false while something that was started here goes on."""
        return self._begin(lambda: self._run(flow))

    def start_trial(self, flow: str) -> bool:
        """Try one flow, without anything being delivered; false while something that was started here goes on."""
        trial = FlowTrial(self.workspace.clock.now())
        return self._begin(lambda: self._try(flow, trial), lambda: self.trials.update({flow: trial}))

    def start_work(self, change: str, kind: str, act: Callable[[], SwitchFound]) -> bool:
        """Do something about a change of supplier; false while something that was started here goes on."""
        work, language = SwitchWork(self.workspace.clock.now()), get_current()
        return self._begin(lambda: self._work(act, work, language), lambda: self.works.update({(change, kind): work}))

    def _begin(self, act: Callable[[], None], note: Callable[[], None] = lambda: None) -> bool:
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return False
            note()
            self._thread = threading.Thread(target=act, name="run")
            self._thread.start()
        return True

    def wait(self) -> None:
        """Wait for the run that goes on, if any."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

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
