"""`make fleet-demo`: three workers for 200 organisations of one journal, killed 40 times, their database 3 times.

Prints the books: what was registered and settled, what the supplier recorded, whether anything came out of order.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fleets import Fleet, RestartedServer, count_parcels, has_kept_order, read_waiting, wait_until
from journeying import StandIn

if TYPE_CHECKING:
    from sqlalchemy import Engine

RULES = "heartbeat = 2\nsweep_every = 5\nlook_every = 60\nspread = 5\nper_organisation = 2\n"


def main() -> None:
    """Run a fleet through kills and restarts, and print its books."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    usual = {"organisations": 200, "parcels": 5, "rows": 20, "workers": 3, "kills": 40, "restarts": 3, "seed": 1}
    for name, value in usual.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    plan = parser.parse_args()
    with RestartedServer.start() as server, tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        server.make_database().dispose()
        engine = server.open_everything()
        stand_in = StandIn.start(Path(folder), faults=0)
        fleet = Fleet.federate(Path(folder), stand_in, server.url, plan.organisations, rules=RULES)
        try:
            is_sound = _play(fleet, server, engine, plan)
        finally:
            fleet.kill_all()
            stand_in.stop()
            engine.dispose()
    raise SystemExit(0 if is_sound else 1)


def _play(fleet: Fleet, server: RestartedServer, engine: Engine, plan: argparse.Namespace) -> bool:
    chance = random.Random(plan.seed)  # noqa: S311  the same each time
    for number, name in enumerate(fleet.names):
        fleet.supply(name, plan.parcels, plan.rows, first=number * 1_000)
    for _ in range(plan.workers):
        fleet.add_worker()
    total, begun, killed, restarted = plan.organisations * plan.parcels, time.monotonic(), 0, 0
    wait_until(lambda: read_waiting(engine) > 0, 120)
    while killed < plan.kills:
        time.sleep(chance.uniform(0.2, 2))
        victim = fleet.choose_victim(chance)
        victim.kill()
        victim.wait()
        killed += 1
        fleet.add_worker()
        if killed * (plan.restarts + 1) // (plan.kills + 1) > restarted and restarted < plan.restarts:
            server.control("restart")
            restarted += 1
    registered_at_last_kill, done_at_last_kill = count_parcels(engine)
    wait_until(lambda: count_parcels(engine) == (total, total), 3_600, 1)
    seconds = time.monotonic() - begun
    fleet.workshop.command("fleet", "sweep")
    return _print_books(fleet, engine, plan, (seconds, killed, restarted, registered_at_last_kill, done_at_last_kill))


def _print_books(
    fleet: Fleet, engine: Engine, plan: argparse.Namespace, story: tuple[float, int, int, int, int]
) -> bool:
    seconds, killed, restarted, registered_then, done_then = story
    (registered, settled), delivered, status = count_parcels(engine), fleet.list_delivered(), fleet.read_status()
    records = plan.organisations * plan.parcels * plan.rows
    doubled = len(delivered) - len({ref for _parcel, ref in delivered})
    in_order, stranded = has_kept_order(engine), status["stranded"]
    for line in (
        f"workers {plan.workers}, organisations {plan.organisations}, kills {killed}, restarts {restarted}",
        f"at the last kill: {done_then} of {registered_then} registered parcels were settled",
        f"parcels: supplied {plan.organisations * plan.parcels}, registered {registered}, settled {settled}",
        f"records: supplied {records}, effects at the supplier {len(delivered)}, doubled {doubled}",
        f"parcels of a flow closed in order of registration: {'yes' if in_order else 'NO'}",
        f"stranded after a sweep: {stranded}; bells that failed: {status['bells']['failed']}",
        f"{seconds:.0f} s",
    ):
        print(line)  # noqa: T201  it is a command
    is_whole = registered == settled == plan.organisations * plan.parcels
    return is_whole and len(delivered) == records and not doubled and in_order and not stranded


if __name__ == "__main__":
    main()
