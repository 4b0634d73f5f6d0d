"""Has flows run behind the pages: one run at a time, on a thread of its own, which the server waits for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.engine.runs.running import run_flows
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace


@dataclass(slots=True)
class RunStarter:
    """Starts runs. Flows are claimed as by any other run: what another process runs is left to it."""

    workspace: Workspace
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, flow: str) -> bool:
        """Start a run of one flow; false while one that was started here goes on."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return False
            self._thread = threading.Thread(target=self._run, args=(flow,), name="run")
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
