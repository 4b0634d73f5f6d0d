"""Ask a watched process, in another time zone and order of hashes, what a plugin gives and touches; started once."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from contextlib import suppress
from functools import cache
from typing import Any, cast

_ENVIRONMENT = {
    "TZ": "Pacific/Kiritimati",
    "PYTHONHASHSEED": "4242",
    "PYTHONIOENCODING": "utf-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class _WatcherProcess:
    """The other process. When it dies, what was asked stays without an answer, and the next question starts another."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.close)

    def ask(self, *question: str) -> dict[str, Any]:
        """Ask, and wait for the answer; empty when there is none."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "passerelle.testing.watcher"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What a plugin prints may hold values.
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
                encoding="utf-8",
            )
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            return {}
        try:
            requests.write(json.dumps(question) + "\n")
            requests.flush()
            answer = answers.readline()
        except OSError:
            answer = ""
        if not answer:
            self.close()
            return {}
        return cast("dict[str, Any]", json.loads(answer))

    def close(self) -> None:
        """Stop the process."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.terminate()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what it did not hear before it died
                if pipe is not None:
                    pipe.close()
        process.wait()


_process = _WatcherProcess()


@cache
def ask_watcher(name: str, path: str, connector: str, sample: str) -> dict[str, Any]:
    """Load a plugin and take a sample elsewhere, under watch. Empty when that failed."""
    return _process.ask(name, path, connector, sample)
