"""What arrives rings: its flow is due at once, for the organisation it came to and no other."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import pytest
from sqlalchemy import text

from passerelle.stores.arrival_bell import ring_arrival
from passerelle.stores.bells import Bells
from passerelle.stores.database import open_database, open_writer
from passerelle.stores.turns import Turns
from passerelle.vocabulary.turns import FlowKey

pytest.importorskip("procrastinate", reason="the tables of the queue are those of procrastinate (extra fleet)")
VISITS = FlowKey("una-35", "visites")
FAR_AHEAD = datetime(2090, 1, 1, tzinfo=UTC)


@pytest.fixture
def engine(copied_postgresql_url):
    engine = open_database(copied_postgresql_url, "una-35")
    yield engine
    engine.dispose()


def _make_queue(engine) -> None:
    script = files("procrastinate.sql").joinpath("schema.sql").read_text("utf-8")
    with open_writer(engine) as connection:
        connection.connection.cursor().execute(script.encode())


def test_what_arrives_makes_its_flow_due_and_rings_once(engine):
    _make_queue(engine)
    Turns(engine, "").enrol({VISITS: FAR_AHEAD})
    assert ring_arrival(engine, "visites")
    assert ring_arrival(engine, "visites")
    assert Bells(engine).list_rung() == {VISITS}
    assert Turns(engine, "").list_due() == [VISITS]


def test_before_the_first_worker_the_flow_is_due_all_the_same(engine):
    assert ring_arrival(engine, "visites")
    assert Turns(engine, "").list_due() == [VISITS]


def test_what_came_while_a_turn_is_held_is_due_when_it_ends(engine):
    _make_queue(engine)
    turns = Turns(engine, "worker")
    turns.take(VISITS)
    ring_arrival(engine, "visites")
    with open_writer(engine) as connection:
        assert connection.execute(text("SELECT due_at IS NOT NULL FROM turn")).scalar()


def test_a_bell_that_cannot_be_rung_is_no_fault(engine):
    with open_writer(engine) as connection:
        connection.execute(text("DROP TABLE turn"))
    assert not ring_arrival(engine, "visites")


def test_where_one_machine_works_nobody_waits_for_a_bell(tmp_path):
    engine = open_database(tmp_path / "journal.sqlite3")
    assert not ring_arrival(engine, "visites")
    engine.dispose()
