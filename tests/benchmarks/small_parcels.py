"""`python tests/benchmarks/small_parcels.py`: a night of many small parcels: processor time of each, peak memory.

Files of an export into a database, and pushed messages into a folder, each in one run in a process of its own, after
they were received. `--most-file`, `--most-message` and `--most-memory` make it fail above a limit.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from own_memory import read_peak_mib

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))

ROWS = 50
"""Rows of each file."""
SECRET = "an-invented-secret-of-the-bench"
SETTINGS = """
[passerelle]
state = "state"

[flow.files]
connector = "compani-interventions"
purpose = "effectivity"
source = {{ kind = "folder", path = "in", after = "keep", quiet_seconds = 0, whole = false }}
destination = {{ kind = "{destination}", {where} }}

[flow.messages]
connector = "rdv-solidarites-rdvs-pushed"
purpose = "support"
source = {{ kind = "inbox", secret = "env:BENCH_SECRET" }}
destination = {{ kind = "{destination}", {where} }}
"""
WHERE = {"database": 'url = "out.sqlite3"', "folder": 'path = "out"'}
MESSAGE = HERE.parents[2] / "plugins/rdv_solidarites/samples/rdvs-pushed/nominal.json"


def receive(room: Path, flow: str, count: int, destination: str) -> None:
    """Write the settings, and have every file or message received."""
    from journeying import visits  # noqa: PLC0415  found by the path above

    from passerelle.edges.sources.inbox import MessageSource  # noqa: PLC0415  the parent needs none of it
    from passerelle.engine.path.collecting import Blocks, collect  # noqa: PLC0415  the parent needs none of it
    from passerelle.engine.settings.workspace_settings import load_settings  # noqa: PLC0415  the parent needs none of it
    from passerelle.engine.workspace.assembly import open_workspace  # noqa: PLC0415  the parent needs none of it

    settings = SETTINGS.format(destination=destination, where=WHERE[destination])
    (room / "passerelle.toml").write_text(settings, encoding="utf-8")
    folder = room / "in"
    folder.mkdir()
    if flow == "files":
        for number in range(count):
            text = visits(ROWS, first=number * ROWS)
            (folder / f"{number:05d}.csv").write_text(text, encoding="utf-8", newline="")
        return
    message = json.loads(MESSAGE.read_bytes())
    with open_workspace(load_settings(room / "passerelle.toml")) as workspace:
        for number in range(count):
            data = {**message["data"], "id": number + 1}
            body = json.dumps({**message, "data": data}, ensure_ascii=False).encode()
            collect(flow, MessageSource(body), workspace.depot, workspace.journal, workspace.clock, Blocks())


def spend(room: Path, flow: str) -> dict[str, float]:
    """Run one flow in this process and measure it, without what starting costs; collecting files is part of it."""
    from passerelle.faces.cli import allocators  # noqa: PLC0415  as the command does, before polars is loaded

    allocators.begin()
    from passerelle.engine.runs.worker import run_flow  # noqa: PLC0415  measured without what loading costs
    from passerelle.engine.settings.workspace_settings import load_settings  # noqa: PLC0415  measured without what loading costs
    from passerelle.engine.workspace.assembly import open_workspace  # noqa: PLC0415  measured without what loading costs

    allocators.work()
    with open_workspace(load_settings(room / "passerelle.toml")) as workspace:
        run = workspace.journal.begin_run([flow], workspace.clock.now())
        began, wall = time.process_time(), time.perf_counter()
        outcome = run_flow(workspace, flow, run=run)
        spent = time.process_time() - began
        wall = time.perf_counter() - wall
    peak = read_peak_mib()
    return {
        "parcels": outcome.settled,
        "received": outcome.balance.received,
        "milliseconds": round(spent / max(outcome.settled, 1) * 1000, 2),
        "wall_seconds": round(wall, 1),
        "peak_mib": round(peak),
    }


def measure(flow: str, count: int, destination: str) -> dict[str, float]:
    """Have everything received, then run, each in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        words = [sys.executable, str(HERE), "--room", name, "--flow", flow, "--count", str(count)]
        subprocess.run([*words, "--destination", destination, "--receive"], check=True, capture_output=True, cwd=room)
        ran = subprocess.run(words, check=True, capture_output=True, text=True, cwd=room)
        found: dict[str, float] = json.loads(ran.stdout)
        found["outputs"] = len(list((room / "out").iterdir())) if destination == "folder" else 1
        return found


def main() -> None:
    """Measure, and show what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--most-file", type=float, default=20.0, help="milliseconds of processor")
    parser.add_argument("--most-message", type=float, default=8.0, help="milliseconds of processor")
    parser.add_argument("--most-memory", type=float, default=238.0, help="MiB: 250 MB")
    parser.add_argument(
        "--destination", choices=sorted(WHERE), help="default: files to a database, messages to a folder"
    )
    parser.add_argument("--room", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--flow", help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--receive", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.receive:
        receive(asked.room, asked.flow, asked.count, asked.destination)
        return
    if asked.room:
        sys.stdout.write(json.dumps(spend(asked.room, asked.flow)))
        return
    over = []
    for flow, count, usual, most in (
        ("files", asked.files, "database", asked.most_file),
        ("messages", asked.messages, "folder", asked.most_message),
    ):
        if count:
            found = measure(flow, count, asked.destination or usual)
            sys.stdout.write(json.dumps({"flow": flow, **found}) + "\n")
            if found["milliseconds"] > most or found["peak_mib"] > asked.most_memory:
                over.append(flow)
    if over:
        raise SystemExit(f"more than was allowed: {', '.join(over)}")


if __name__ == "__main__":
    main()
