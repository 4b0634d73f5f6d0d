"""Counts of the fleet by organisation: nobody's lateness hides behind somebody else's worker."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import pytest

from passerelle.stores.bells import Bells
from passerelle.stores.database import open_database, open_server, open_writer
from passerelle.stores.fleet_counts import FleetRules, FleetState, has_queue, read_fleet_states, sum_states
from passerelle.stores.tenancy import EVERYBODY
from passerelle.stores.turns import TurnRules, Turns
from passerelle.stores.worker_roll import make_roll, sign_roll
from passerelle.vocabulary.turns import FlowKey

pytest.importorskip("procrastinate", reason="the tables of the queue are those of procrastinate (extra fleet)")
LONG_AGO, FAR_AHEAD = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
NAMES = ("admr-81", "una-35")
FIRST, SECOND, OTHER = FlowKey("una-35", "visites"), FlowKey("una-35", "usagers"), FlowKey("admr-81", "visites")
RULES = FleetRules(hold=30, late=120)


@pytest.fixture
def engine(copied_postgresql_url):
    open_database(copied_postgresql_url, "una-35").dispose()
    engine = open_server(copied_postgresql_url, EVERYBODY)
    yield engine
    engine.dispose()


@pytest.fixture
def queue(engine):
    script = files("procrastinate.sql").joinpath("schema.sql").read_text("utf-8")
    with open_writer(engine) as connection:
        connection.connection.cursor().execute(script.encode())
        make_roll(connection)
    return engine


def test_before_the_first_worker_flows_are_counted_and_nobody_works(engine):
    Turns(engine, "").enrol({FIRST: LONG_AGO, OTHER: FAR_AHEAD})
    assert not has_queue(engine)
    states = read_fleet_states(engine, RULES, NAMES)
    assert states["una-35"] == FleetState(flows=1, due=1, oldest_due=LONG_AGO, stranded=1)
    assert states["admr-81"] == FleetState(flows=1)
    assert states["una-35"].needs_somebody
    assert not states["admr-81"].needs_somebody


def test_a_worker_and_a_bell_of_one_organisation_are_none_of_another(queue):
    Turns(queue, "").enrol({FIRST: LONG_AGO, OTHER: LONG_AGO})
    sign_roll(queue, "worker", ["admr-81"], "3")
    Bells(queue).ring(OTHER)
    states = read_fleet_states(queue, RULES, NAMES)
    served, alone = states["admr-81"], states["una-35"]
    assert (served.workers, served.waiting_bells, served.stranded) == (1, 1, 0)
    assert (alone.workers, alone.waiting_bells, alone.stranded) == (0, 0, 1)
    total = sum_states(states.values(), 1)
    assert (total.flows, total.due, total.workers, total.stranded) == (2, 2, 1, 1)


def test_where_there_is_a_limit_who_waits_for_the_flow_before_is_not_stranded(queue):
    turns = Turns(queue, "worker", TurnRules(per_organisation=1))
    turns.enrol({FIRST: LONG_AGO, SECOND: LONG_AGO})
    turns.take(FIRST)
    limited = FleetRules(hold=30, late=120, per_organisation=1)
    assert read_fleet_states(queue, limited, ["una-35"])["una-35"].stranded == 0
    assert read_fleet_states(queue, RULES, ["una-35"])["una-35"].stranded == 1
