"""Workers that are killed, frozen and asked to end; a database that restarts: nothing lost, nothing out of order."""

from __future__ import annotations

import random
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fleets import Fleet, RestartedServer, count_parcels, has_kept_order, list_registered, read_queue, wait_until
from journeying import StandIn
from sqlalchemy import text
from turned_clock import TurnedClock

from passerelle.engine.settings.fleet_settings import FleetSettings
from passerelle.stores.database import open_database
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

pytest.importorskip("procrastinate", reason="the extra fleet is not installed")
from passerelle.fleet.worker import Worker, WorkerPlan
from passerelle.fleet.workspaces import OpenWorkspaces

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[RestartedServer]:
    with RestartedServer.start() as started:
        yield started


@pytest.fixture
def engine(server) -> Iterator[Engine]:
    engine = server.make_database()
    yield engine
    engine.dispose()


@pytest.fixture
def make_fleet(tmp_path, server, engine):
    made: list[Fleet] = []

    def make(flows: int, **options: float) -> Fleet:
        stand_in = StandIn.start(tmp_path, faults=0, **options)
        made.append(Fleet.at(tmp_path, stand_in, server.url, flows))
        return made[-1]

    yield make
    for fleet in made:
        fleet.kill_all()
        fleet.stand_in.stop()


def _spoil_queue(engine: Engine, chance: random.Random) -> None:
    """Lose bells, double them, and put rubbish between them."""
    doubled = "SELECT queue_name, task_name, args FROM procrastinate_jobs WHERE status = 'todo'"
    none = """('seule', 'autre', '{"x": [1]}'), ('seule', 'turn', '{"flow": 7}'), ('autre', 'turn', '{}')"""
    rubbish = (
        "DELETE FROM procrastinate_jobs WHERE id % 2 = 0",
        "UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo' AND id % 3 = 0",
        f"INSERT INTO procrastinate_jobs (queue_name, task_name, args) {doubled}",
        f"INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES {none}",  # noqa: S608  our own words
    )
    with engine.begin() as connection:
        connection.execute(text(chance.choice(rubbish)))


def test_whatever_is_killed_restarted_and_lost_everything_is_settled_once_and_in_order(make_fleet, server, engine):
    fleet, chance = make_fleet(8), random.Random(7)  # noqa: S311  the same each time
    parcels, rows = 3, 10
    for number, name in enumerate(fleet.names):
        fleet.supply(name, parcels, rows, first=number * 10_000)
    for _ in range(2):
        fleet.add_worker()
    assert wait_until(lambda: engine_answers(engine) and count_parcels(engine)[1] >= 1, 300)
    for kill in range(4):
        time.sleep(chance.uniform(0.2, 1.0))
        victim = fleet.choose_victim(chance)
        victim.kill()
        victim.wait()
        if kill == 2:
            server.control("restart")
        _spoil_queue(engine, chance)
        fleet.add_worker()
    total = len(fleet.names) * parcels
    settled = wait_until(lambda: count_parcels(engine) == (total, total), 300, 0.5)
    status = fleet.read_status()
    assert settled, (count_parcels(engine), status)
    assert fleet.workshop.command("fleet", "sweep").returncode == 0
    assert fleet.read_status()["stranded"] == 0
    delivered, registered = fleet.list_delivered(), list_registered(engine)
    assert len({ref for _parcel, ref in delivered}) == len(delivered) == total * rows
    assert has_kept_order(engine)
    for keys in registered.values():
        firsts = list(dict.fromkeys(parcel for parcel, _ref in delivered if parcel in set(keys)))
        assert firsts == keys
    told = read_queue(engine)
    assert not re.search(r"(?i)dupre|jeanne|prénom|\.csv|horodat", told)


def engine_answers(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(text("SELECT to_regclass('parcel')")).scalar())


def test_a_worker_that_was_frozen_for_too_long_settles_nothing_more(make_fleet, engine):
    fleet = make_fleet(1, latency_ms=150)
    fleet.supply(fleet.names[0], 1, 60, first=0)
    frozen = fleet.add_worker()
    assert wait_until(lambda: engine_answers(engine) and _count_batches(engine) >= 2, 300, 0.05)
    frozen.send_signal(signal.SIGSTOP)
    fleet.add_worker()
    # twice as long as a turn is held without a sign of life
    assert wait_until(lambda: _read_owners(engine) not in ({""}, set()) and _read_fence(engine) >= 2, 300, 0.1)
    time.sleep(2)
    frozen.send_signal(signal.SIGCONT)
    log = fleet.workshop.folder / "worker-0.log"
    assert wait_until(lambda: "incident.flow.overtaken" in log.read_text(), 300)
    assert wait_until(lambda: count_parcels(engine) == (1, 1), 300)
    delivered = fleet.list_delivered()
    assert len({ref for _parcel, ref in delivered}) == len(delivered) == 60
    assert frozen.poll() is None


def _count_batches(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM batch")).scalar_one()


def _read_owners(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT owner FROM turn")).scalars())


def _read_fence(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT max(fence) FROM turn")).scalar() or 0


def test_a_worker_that_is_asked_to_end_settles_its_batch_gives_the_turn_back_and_ends(make_fleet, engine):
    fleet = make_fleet(1, latency_ms=150)
    fleet.supply(fleet.names[0], 1, 60, first=0)
    worker = fleet.add_worker()
    assert wait_until(lambda: engine_answers(engine) and _count_batches(engine) >= 2, 300, 0.05)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert _read_owners(engine) == {""}
    status = fleet.read_status()
    assert (status["due"], status["in_hand"], status["bells"]["waiting"]) == (1, 0, 1)
    fleet.add_worker()
    assert wait_until(lambda: count_parcels(engine) == (1, 1), 300)
    assert len(fleet.list_delivered()) == 60


def test_a_worker_behind_a_pooler_of_transactions_looks_by_itself(make_fleet, engine):
    fleet = make_fleet(3)
    for number, name in enumerate(fleet.names):
        fleet.supply(name, 1, 4, first=number * 100)
    fleet.add_worker("--poll")
    assert wait_until(lambda: engine_answers(engine) and count_parcels(engine) == (3, 3), 300)
    assert fleet.end() == [0]


@pytest.fixture
def make_worker(server, engine):
    opened = open_database(server.url)

    def make(clock: TurnedClock) -> Worker:
        return Worker(opened, OpenWorkspaces({}), clock, WorkerPlan(FleetSettings(heartbeat=1, sweep_every=1)))

    yield make
    opened.dispose()


@pytest.mark.parametrize("minutes", [-2, 2])
def test_a_worker_whose_clock_is_apart_from_the_servers_refuses_to_work(make_worker, minutes):
    worker = make_worker(TurnedClock(datetime.now(UTC) + timedelta(minutes=minutes)))
    with pytest.raises(FatalError) as caught:
        worker.work()
    assert caught.value.code == "incident.clock.apart"


def test_a_worker_whose_database_stays_away_ends_for_whoever_starts_it_again(make_worker, server, monkeypatch):
    monkeypatch.setattr("passerelle.fleet.worker._AWAY_MOST", 1.0)
    monkeypatch.setattr("passerelle.fleet.worker._PAUSES", (0.2,))
    worker = make_worker(TurnedClock(datetime.now(UTC)))
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(lambda: (time.sleep(3), server.control("stop")))
        assert worker.work() is False
        stopped.result()
    server.control("start")
