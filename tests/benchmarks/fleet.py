"""Two workers beside one: the same flows of the same organisations, settled by real workers on one PostgreSQL.

python fleet.py [--organisations 200] [--parcels 2] [--rows 300] [--times 3]

What is compared is the time from when a twentieth of the parcels is done to the last: how long a worker takes to start
and to open settings is not in it. Both forms are measured by turns in one run, each from an empty database; the server
runs on the same processors. Records go to a folder: a supplier of ours would be a third program on them.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import ProgrammingError

sys.path.insert(0, str(Path(__file__).parents[1]))

from fleets import Fleet, RestartedServer, count_parcels, wait_until
from journeying import StandIn

if TYPE_CHECKING:
    from sqlalchemy import Engine

_RULES = "heartbeat = 5\nsweep_every = 5\nlook_every = 3600\nspread = 1\nper_organisation = 2\n"
_LONGEST = 1_200.0
LIMIT = 1.7


def measure(server: RestartedServer, workers: int, organisations: int, parcels: int, rows: int) -> float:
    """Return how many records so many workers settle in a second. Raises TimeoutError when they do not end."""
    server.make_database().dispose()
    engine = server.open_everything()
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        stand_in = StandIn.start(Path(folder), faults=0)
        fleet = Fleet.federate(Path(folder), stand_in, server.url, organisations, rules=_RULES)
        try:
            for number, name in enumerate(fleet.names):
                _deliver_to_folder(Path(folder) / "organisations" / name / "passerelle.toml")
                fleet.supply(name, parcels, rows, first=number * parcels * rows)
            total = organisations * parcels
            for _ in range(workers):
                fleet.add_worker("--turns", "1")
            # all of them work by then, and most is still to do
            early = total // 20
            if not wait_until(lambda: _count_done(engine) >= early, _LONGEST, 0.05):
                raise TimeoutError
            begun, first = time.monotonic(), _count_done(engine)
            if not wait_until(lambda: _count_done(engine) == total, _LONGEST, 0.05):
                raise TimeoutError
            return (total - first) * rows / (time.monotonic() - begun)
        finally:
            fleet.kill_all()
            stand_in.stop()
            engine.dispose()


def _deliver_to_folder(settings: Path) -> None:
    """Have a flow write files, in batches of the usual size."""
    written = settings.read_text("utf-8").replace("block_bytes = 1024\n", "")
    folder = 'destination = { kind = "folder", path = "sortants" }'
    settings.write_text(re.sub(r"destination = .*", folder, written), "utf-8")


def _count_done(engine: Engine) -> int:
    """Return how many parcels are done; 0 before there are tables."""
    try:
        return count_parcels(engine)[1]
    except ProgrammingError:
        return 0


def main() -> None:
    """Measure one worker and two by turns, and write the ratio of the medians."""
    options = argparse.ArgumentParser(description=main.__doc__)
    for name, usual in {"organisations": 200, "parcels": 2, "rows": 300, "times": 3}.items():
        options.add_argument(f"--{name}", type=int, default=usual)
    asked = options.parse_args()
    speeds: dict[int, list[float]] = {1: [], 2: []}
    with RestartedServer.start() as server:
        for _ in range(asked.times):
            for workers, found in speeds.items():
                found.append(measure(server, workers, asked.organisations, asked.parcels, asked.rows))
                print(f"{workers} worker(s): {found[-1]:,.0f} records a second")  # noqa: T201  its answer
    one, two = (statistics.median(found) for found in speeds.values())
    print(f"two workers / one: {two / one:.2f} (limit {LIMIT})")  # noqa: T201  its answer


if __name__ == "__main__":
    main()
