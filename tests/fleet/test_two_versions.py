"""A worker of version N beside one of N+1: both settle what comes, as long as the tables were only added to."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fleets import Fleet, RestartedServer, count_parcels, has_kept_order, wait_until
from journeying import StandIn
from sqlalchemy import text

pytest.importorskip("procrastinate", reason="the extra fleet is not installed")

if TYPE_CHECKING:
    from sqlalchemy import Engine

pytestmark = pytest.mark.slow

NEXT = """
import sys
from passerelle.stores import database, schema_range, turns
database.HEAD = schema_range.HEAD = "9998"
turns.VERSION = 2
sys.argv = ["passerelle", "fleet", "work"]
from passerelle.faces.cli.main import main
main()
"""
"""The program as its next version: tables of a later revision, turns that an older one leaves alone."""


def _migrate(engine: Engine, oldest: str) -> None:
    """Migrate as the next version does: a column more that may be left out, and who may go on."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE parcel ADD COLUMN IF NOT EXISTS later text"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9998'"))
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{oldest}'"))


def _read_needs(engine: Engine) -> set[int]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT needs FROM turn")).scalars())


def test_both_work_side_by_side_and_the_older_one_ends_when_it_has_to(tmp_path):
    with RestartedServer.start() as server:
        engine, stand_in = server.make_database(), StandIn.start(tmp_path, faults=0)
        fleet = Fleet.at(tmp_path, stand_in, server.url, 2)
        try:
            _play(fleet, engine)
        finally:
            fleet.kill_all()
            stand_in.stop()
            engine.dispose()


def _play(fleet: Fleet, engine: Engine) -> None:
    for number, name in enumerate(fleet.names):
        fleet.supply(name, 1, 6, first=number * 1_000)
    older = fleet.add_worker()
    assert wait_until(lambda: _has_tables(engine) and count_parcels(engine) == (2, 2), 120)
    _migrate(engine, "0001")
    newer = _add_next(fleet)
    for number, name in enumerate(fleet.names):
        fleet.supply(name, 2, 6, first=10_000 + number * 1_000)
    with engine.begin() as connection:  # nobody waits for the next look
        connection.execute(text("UPDATE turn SET due_at = 0 WHERE owner = ''"))
    assert wait_until(lambda: count_parcels(engine) == (6, 6), 120), count_parcels(engine)
    # flows that the newer one had a turn of are its own from then on
    assert wait_until(lambda: 2 in _read_needs(engine), 60)
    assert (older.poll(), newer.poll()) == (None, None)
    assert has_kept_order(engine)
    delivered = fleet.list_delivered()
    assert len({ref for _parcel, ref in delivered}) == len(delivered)
    _migrate(engine, "9998")
    assert older.wait(60) == 3
    assert "incident.database.newer" in (fleet.workshop.folder / "worker-0.log").read_text("utf-8")
    assert newer.poll() is None


def _has_tables(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(text("SELECT to_regclass('parcel')")).scalar())


def _add_next(fleet: Fleet) -> subprocess.Popen[bytes]:
    with (fleet.workshop.folder / "worker-next.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-c", NEXT],
            cwd=fleet.workshop.folder,
            env={**os.environ, **fleet.workshop.variables()},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    fleet.workers.append(worker)
    return worker
