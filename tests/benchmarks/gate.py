"""What the gate costs: the processor time of letting rows go, beside that of the whole night of the same rows.

python tests/benchmarks/gate.py [--rows 1000000] [--purposes support,steering,portability]

One process, one night for each purpose, one batch at a time, so that processor time has one owner. `gate` is what
decides (who allows it, which fields, which groups), `handles` what replaces references. For `portability` everything
may go: what is left of both is what asking costs.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import connector
import export

from passerelle.engine.path import pipeline
from passerelle.engine.records.record_comparison import KnownRecords
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 0.05
"""Of the processor time of the whole night, as `docs/performance.md` promises."""
_SETTINGS = """\
[passerelle]
state = "state-{purpose}"
plugins = ["bench"]

[flow.bench]
connector = "bench-export"
purpose = "{purpose}"
source = {{ kind = "folder", path = "in", after = "keep", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "out-{purpose}" }}
"""
_SPENT: Counter[str] = Counter()


def _time_calls(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that counts the processor time of all threads while it is called."""

    def timed(*arguments: Any, **options: Any) -> Any:
        started = time.process_time()
        try:
            return call(*arguments, **options)
        finally:
            _SPENT[name] += time.process_time() - started

    return timed


@contextmanager
def _watch() -> Iterator[None]:
    plain = pipeline.gate, KnownRecords.to_outside
    pipeline.gate = _time_calls("gate", plain[0])
    KnownRecords.to_outside = _time_calls("handles", plain[1])
    try:
        yield
    finally:
        pipeline.gate, KnownRecords.to_outside = plain


def _install(folder: Path) -> None:
    """Install the supplier of the job with keys that may not leave: replacing them is a part of the cost."""
    connector.install(folder)
    for path in folder.glob("*.py"):
        path.write_text(path.read_text("utf-8").replace(", opaque=True", ""), "utf-8")
    sys.path.insert(0, str(folder))


def measure(room: Path, purpose: str) -> dict[str, float]:
    """Deliver the export of a room for one purpose; return seconds of processor time, and the records that went."""
    path = room / f"{purpose}.toml"
    path.write_text(_SETTINGS.format(purpose=purpose), "utf-8")
    _SPENT.clear()
    with open_workspace(load_settings(path)) as workspace, _watch():
        run = workspace.journal.begin_run(["bench"], workspace.clock.now())
        started = time.process_time()
        outcome = run_flow(workspace, "bench", run=run, jobs=1)
        total = time.process_time() - started
    return {"total": total, **_SPENT, "delivered": float(outcome.balance.fates.get("delivered", 0))}


def main() -> None:
    """Measure each purpose once, and say what share of the night the gate is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--purposes", default="portability,support,steering")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        room = Path(folder)
        (room / "in").mkdir()
        export.write(room / "in" / "export.csv", options.rows)
        _install(room / "plugins")
        os.chdir(room)
        worst = 0.0
        for purpose in options.purposes.split(","):
            spent = measure(room, purpose)
            share = (spent.get("gate", 0) + spent.get("handles", 0)) / spent["total"]
            worst = max(worst, share)
            print(  # noqa: T201  a benchmark's answer
                f"{purpose:12} total {spent['total']:7.2f} s  gate {spent.get('gate', 0):6.2f} s  "
                f"handles {spent.get('handles', 0):6.2f} s  share {share:6.2%}  delivered {spent['delivered']:.0f}",
                flush=True,
            )
    sys.exit(worst > LIMIT)


if __name__ == "__main__":
    main()
