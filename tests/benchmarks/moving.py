"""`python tests/benchmarks/moving.py`: processor time of `switch run` over five contracts, as a share of one run.

Both read the same invented export of a social service into folders, in turn, each time in a process of its own.
`--most` makes it fail above a ratio.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[2]))

CONNECTOR = "gaia-social-csv"
FILE = "service-social.zip"
PERSONS_OF_A_ROW = 1 / 11
"""How many persons there are for each row that the export comes to."""
RUN = f"""
[passerelle]
state = "etat"

[flow.tout]
connector = "{CONNECTOR}"
purpose = "portability"
deliver_extra = true
source = {{ kind = "folder", path = "ancien", glob = "*.zip", quiet_seconds = 0, after = "keep" }}
destination = {{ kind = "folder", path = "nouveau" }}
"""
SWITCH = f"""
[side.ancien]
exports = [{{ connector = "{CONNECTOR}", path = "ancien/{FILE}" }}]

[side.nouveau]
exports = [{{ contract = "person/1", path = "nouveau/*.ndjson" }}]

[switch.bascule]
from = "ancien"
to = "nouveau"

[[switch.bascule.deliver]]
destination = {{ kind = "folder", path = "nouveau" }}
"""


def spend(room: Path, way: str) -> dict[str, float]:
    """Run one way in this process and measure it, without what starting costs."""
    from passerelle.engine.runs.worker import run_flow  # noqa: PLC0415  the other way does not pay for it
    from passerelle.engine.settings.workspace_settings import load_settings  # noqa: PLC0415  the other way does not pay for it
    from passerelle.engine.workspace.assembly import open_workspace  # noqa: PLC0415  the parent needs none of it
    from passerelle.switching import switch_settings as switching  # noqa: PLC0415  the other way does not pay for it
    from passerelle.switching.decisions import AcceptedLoss, Decisions  # noqa: PLC0415  the other way does not pay for it
    from passerelle.switching.difference_kinds import DifferenceKind  # noqa: PLC0415  the other way does not pay for it
    from passerelle.switching.run import moving  # noqa: PLC0415  the other way does not pay for it

    with open_workspace(load_settings(room / "passerelle.toml")) as house:
        began = time.process_time()
        if way == "run":
            number = house.journal.begin_run(["tout"], house.clock.now())
            outcome = run_flow(house, "tout", run=number)
            counts = {"received": outcome.balance.received, "contracts": 0}
        else:
            document = switching.load_switch_file(room / "switch.toml")
            move = moving.prepare_move(house, document, "bascule")
            losses = tuple(
                AcceptedLoss(name, "", DifferenceKind.REFUSED, "bench", "invented") for name in move.contracts
            )
            moved = moving.run_move(house, move, Decisions(accepted=losses))
            if moved.stopped:
                raise SystemExit(f"stopped: {moved.stopped} at {moved.at}")
            counts = {"received": sum(s.balance.received for s in moved.statuses), "contracts": len(moved.statuses)}
        return {"seconds": time.process_time() - began, **counts}


def measure(rows: int, times: int) -> dict[str, float]:
    """Measure both ways in turn, each time in a process and a folder of its own."""
    from examples.switching import association  # noqa: PLC0415  found by the path above

    made = association.invent(persons=round(rows * PERSONS_OF_A_ROW), visits=0)
    found: dict[str, list[dict[str, float]]] = {"run": [], "switch": []}
    for _nth in range(times):
        for way, measures in found.items():
            with tempfile.TemporaryDirectory() as name:
                room = Path(name)
                association.write(made, room / "ancien")
                (room / "nouveau").mkdir()
                (room / "passerelle.toml").write_text(RUN, encoding="utf-8")
                (room / "switch.toml").write_text(SWITCH, encoding="utf-8")
                child = [sys.executable, str(HERE), "--room", name, "--way", way]
                measures.append(json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout))
    medians = {way: statistics.median(one["seconds"] for one in measures) for way, measures in found.items()}
    return {
        "rows": found["run"][0]["received"],
        "moved": found["switch"][0]["received"],
        "contracts": found["switch"][0]["contracts"],
        "run_seconds": round(medians["run"], 2),
        "switch_seconds": round(medians["switch"], 2),
        "ratio": round(medians["switch"] / medians["run"], 2),
    }


def main() -> None:
    """Measure, and show what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--most", type=float, default=1.2)
    parser.add_argument("--room", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.room:
        sys.stdout.write(json.dumps(spend(asked.room, asked.way)))
        return
    found = measure(asked.rows, asked.times)
    sys.stdout.write(json.dumps(found) + "\n")
    if found["ratio"] > asked.most:
        raise SystemExit(f"{found['ratio']} times the processor time of one run, more than {asked.most}")


if __name__ == "__main__":
    main()
