"""Whether somebody works for an organisation is told where machines share its journal, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from passerelle.engine.health.findings import Severity
from passerelle.engine.health.worker_checks import examine_workers, find_lateness
from passerelle.engine.settings.fleet_settings import FleetSettings
from passerelle.engine.settings.general_settings import SharedPlaces
from passerelle.stores.database import open_database
from passerelle.stores.turns import Turns
from passerelle.stores.worker_roll import make_roll, sign_roll
from passerelle.vocabulary import language
from passerelle.vocabulary.turns import FlowKey

LONG_AGO, FAR_AHEAD = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(copied_postgresql_url, monkeypatch):
    language.set_language("en")
    monkeypatch.setenv("JOURNAL", copied_postgresql_url)
    shared = SharedPlaces("env:JOURNAL", "una-35")
    return SimpleNamespace(shared=shared, installation=None, fleet=FleetSettings())


@pytest.fixture
def engine(copied_postgresql_url):
    engine = open_database(copied_postgresql_url, "una-35")
    yield engine
    engine.dispose()


def test_on_one_machine_with_its_own_journal_nothing_is_said():
    assert list(examine_workers(SimpleNamespace(shared=SharedPlaces()))) == []


def test_where_a_timer_runs_the_flows_nothing_is_said(settings, engine):
    assert list(examine_workers(settings)) == []


@pytest.mark.parametrize(("at", "severity"), [(LONG_AGO, Severity.WRONG), (FAR_AHEAD, Severity.DOUBTFUL)])
def test_an_organisation_that_no_worker_serves_is_told_even_where_others_are_served(settings, engine, at, severity):
    with engine.begin() as connection:
        make_roll(connection)
    sign_roll(engine, "first", ["admr-81"], "3")
    Turns(engine, "").enrol({FlowKey("una-35", "visites"): at})
    (finding,) = examine_workers(settings)
    assert finding.severity is severity
    assert "no worker serves this organisation" in finding.sentence


def test_who_is_served_is_told_by_how_many(settings, engine):
    with engine.begin() as connection:
        make_roll(connection)
    for owner in ("first", "second"):
        sign_roll(engine, owner, ["admr-81", "una-35"], "3")
    Turns(engine, "").enrol({FlowKey("una-35", "visites"): FAR_AHEAD})
    (finding,) = examine_workers(settings)
    assert (finding.severity, finding.sentence) == (Severity.GOOD, "2 workers serve this organisation")


def test_a_flow_that_nobody_rings_for_is_told_though_workers_are_there(settings, engine):
    with engine.begin() as connection:
        make_roll(connection)
    sign_roll(engine, "first", ["una-35"], "3")
    Turns(engine, "").enrol({FlowKey("una-35", "visites"): LONG_AGO})
    (finding,) = examine_workers(settings)
    assert (finding.severity, finding.sentence) == (
        Severity.DOUBTFUL,
        "flows nobody rings for: 1; turns that failed: 0",
    )


def test_a_worker_is_dead_after_three_signs_and_a_flow_late_after_two_sweeps():
    rules = find_lateness(FleetSettings(heartbeat=4, sweep_every=30, per_organisation=3))
    assert (rules.hold, rules.late, rules.per_organisation) == (12, 60, 3)
