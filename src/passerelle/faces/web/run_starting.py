"""Has flows run, or tried, behind the pages: one at a time, on a thread of its own, which the server waits for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.engine.runs.running import run_flows
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from passerelle.engine.rehearsal.rehearsing import Rehearsal
    from passerelle.engine.workspace.assembly import Workspace


@dataclass(slots=True)
class FlowTrial:
    """The last trial of a flow that somebody asked for here. No value is in it."""

    began: datetime
    is_over: bool = False
    rehearsal: Rehearsal | None = None
    failure: PasserelleError | None = None
    """Why there is no rehearsal; None also for a fault of the program."""


@dataclass(slots=True)
class RunStarter:
    """Starts runs and trials. Flows are claimed as by any other run: what another process runs is left to it."""

    workspace: Workspace
    trials: dict[str, FlowTrial] = field(default_factory=dict)
    """By flow."""
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, flow: str) -> bool:
        """Start a run of one flow; false while something that was started here goes on."""
        return self._begin(self._run, flow)

    def start_trial(self, flow: str) -> bool:
        """Try one flow, without anything being delivered; false while something that was started here goes on."""
        return self._begin(self._try, flow)

    def _begin(self, act: Callable[[str], None], flow: str) -> bool:
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return False
            if act == self._try:
                self.trials[flow] = FlowTrial(self.workspace.clock.now())
            self._thread = threading.Thread(target=act, args=(flow,), name="run")
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

    def _try(self, flow: str) -> None:
        from passerelle.engine.rehearsal.rehearsing import rehearse  # noqa: PLC0415  only who tries a flow pays for it

        workspace, trial = self.workspace, self.trials[flow]
        try:
            (trial.rehearsal,) = rehearse(workspace.settings, [flow], clock=workspace.clock, plugins=workspace.plugins)
        except PasserelleError as error:
            log("trial_failed", flow=flow, code=error.code)
            trial.failure = error
        except Exception as error:  # noqa: BLE001  nobody else hears of a fault on this thread
            log("trial_failed", flow=flow, error=error)
        finally:
            trial.is_over = True
