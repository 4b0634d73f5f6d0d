"""A turn of a flow that has nothing, in a workspace that stays open, beside a look that opens its workspace each time.

python empty_turns.py [--looks 40] [--times 5]

Both on one PostgreSQL, by turns in one run, with settings and plugins read once. Processor time of this process; the
looks that open are what `work` did before workers kept workspaces open.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from fleets import ORGANISATION, Fleet, RestartedServer
from journeying import StandIn

from passerelle.engine import log
from passerelle.engine.clock import SystemClock
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.turns.fenced_turn import FencedTurn
from passerelle.engine.turns.turning import TurnEnd, take_turn
from passerelle.engine.workspace.assembly import load_workspace_plugins, open_workspace
from passerelle.fleet.workspaces import OpenWorkspaces, WorkspaceOpening
from passerelle.stores.database import open_database
from passerelle.stores.turns import Turns
from passerelle.vocabulary.turns import FlowKey

if TYPE_CHECKING:
    from passerelle.vocabulary.turns import Fence, TurnRest

LIMIT = 0.2


def measure(looks: int, times: int) -> tuple[float, float]:
    """Return the milliseconds of a look that opens its workspace, and of one in a workspace that is open."""
    with RestartedServer.start() as server, tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        server.make_database().dispose()
        stand_in = StandIn.start(Path(folder), faults=0)
        fleet = Fleet.at(Path(folder), stand_in, server.url, 1)
        os.environ.update(fleet.workshop.environment)
        settings = load_settings(Path(folder) / "passerelle.toml")
        opening = WorkspaceOpening(
            settings, partial(open_workspace, settings, plugins=load_workspace_plugins(settings))
        )
        with opening.open():
            pass
        engine = open_database(server.url, ORGANISATION)
        bench = TurnBench(Turns(engine, "bench"), FlowKey(ORGANISATION, fleet.names[0]), opening)
        rounds = [(bench.open_each_time(looks), bench.stay_open(looks)) for _ in range(times + 1)]
        bench.kept.close()
        engine.dispose()
        stand_in.stop()
    # in the first round statements are compiled
    opened, is_open = (statistics.median(taken) for taken in zip(*rounds[1:], strict=True))
    return opened, is_open


class TurnBench:
    """Turns of one flow that has nothing."""

    def __init__(self, turns: Turns, key: FlowKey, opening: WorkspaceOpening) -> None:
        self._turns, self._key, self._opening = turns, key, opening
        self.kept = OpenWorkspaces({key.organisation: opening})

    def open_each_time(self, looks: int) -> float:
        """Return the milliseconds of a turn for which a workspace is opened and closed."""
        begun = time.process_time()
        for _ in range(looks):
            fresh = OpenWorkspaces({self._key.organisation: self._opening})
            self._take(fresh)
            fresh.close()
        return (time.process_time() - begun) / looks * 1_000

    def stay_open(self, looks: int) -> float:
        """Return the milliseconds of a turn in a workspace that stays open."""
        begun = time.process_time()
        for _ in range(looks):
            self._take(self.kept)
        return (time.process_time() - begun) / looks * 1_000

    def _take(self, workspaces: OpenWorkspaces) -> None:
        if take_turn(self._turns, self._key, partial(_look, workspaces), SystemClock().now) is not TurnEnd.ENDED:
            raise ValueError("the turn was not free")


def _look(workspaces: OpenWorkspaces, fence: Fence) -> TurnRest:
    with workspaces.lend(fence) as workspace:
        return FencedTurn(workspace, fence).drain()


def main() -> None:
    """Write both, and their ratio."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--looks", type=int, default=40)
    options.add_argument("--times", type=int, default=5)
    asked = options.parse_args()
    with tempfile.TemporaryFile("w") as nowhere:
        log.configure(form="json", stream=nowhere)
        opened, is_open = measure(asked.looks, asked.times)
    print(f"an empty turn, opening its workspace: {opened:.1f} ms; in an open one: {is_open:.1f} ms")  # noqa: T201  its answer
    print(f"ratio: {is_open / opened:.2f} (limit {LIMIT})")  # noqa: T201  its answer


if __name__ == "__main__":
    main()
