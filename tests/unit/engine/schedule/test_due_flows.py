"""Which flows are due: by their schedule and their last run, whoever started it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.engine.schedule.due_flows import find_due, find_unclear
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.stores.books import RunRow
from passerelle.vocabulary.errors import SettingsError

FLOW = """
[flow.{name}]
connector = "compani-interventions"
purpose = "effectivity"
{more}
source = {{ kind = "folder", path = "entrees" }}
destination = {{ kind = "folder", path = "sorties" }}
"""
WORKED = 'schedule = "jours ouvrés à 6 h 30"'
MONDAY = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
"""6 h 30 in Paris."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    path = tmp_path_factory.mktemp("due") / "passerelle.toml"
    flows = {
        "visites": WORKED,
        "paie": 'schedule = "fin de mois à 20 h"',
        "ile": WORKED + '\nzone = "Indian/Reunion"',
        "toujours": "",
        "mots": 'schedule = "quand Sylvie le dit"',
    }
    path.write_text("".join(FLOW.format(name=name, more=more) for name, more in flows.items()), "utf-8")
    return load_settings(path)


def _find(settings, now: datetime, runs=(), names=("visites", "paie", "ile", "toujours")):
    """A workspace is its settings, its clock and the runs of its journal here: nothing else is looked at."""
    rows = [RunRow(number, tuple(flows), began, began, outcome) for number, (flows, began, outcome) in enumerate(runs)]
    journal = SimpleNamespace(list_runs=lambda _limit: tuple(reversed(rows)))
    clock = SimpleNamespace(now=lambda: now)
    return find_due(SimpleNamespace(settings=settings, clock=clock, journal=journal), names)


def test_a_flow_is_due_once_its_time_has_come_and_no_more_once_it_ran(settings):
    before = [(["visites"], MONDAY - timedelta(days=3), "settled")]
    assert "visites" not in _find(settings, MONDAY - timedelta(seconds=1), before).due
    assert "visites" in _find(settings, MONDAY, before).due
    after = [*before, (["visites", "toujours"], MONDAY + timedelta(seconds=1), "aside")]
    found = _find(settings, MONDAY + timedelta(minutes=15), after)
    assert "visites" not in found.due
    assert found.following["visites"] == MONDAY + timedelta(days=1)


def test_a_run_before_the_time_does_not_stand_for_it(settings):
    assert "visites" in _find(settings, MONDAY, [(["visites"], MONDAY - timedelta(minutes=5), "settled")]).due


@pytest.mark.parametrize("outcome", ["waiting", ""])
def test_what_waits_or_was_killed_is_due_at_once(settings, outcome):
    assert "visites" in _find(settings, MONDAY + timedelta(hours=1), [(["visites"], MONDAY, outcome)]).due


@pytest.mark.parametrize("outcome", ["settled", "aside", "suspended", "stopped", "usage"])
def test_what_somebody_has_to_look_at_is_not(settings, outcome):
    assert "visites" not in _find(settings, MONDAY + timedelta(hours=1), [(["visites"], MONDAY, outcome)]).due


def test_what_never_ran_is_due_when_its_time_was_within_a_day(settings):
    assert _find(settings, MONDAY + timedelta(hours=3)).due == ("visites", "paie", "ile", "toujours")
    assert _find(settings, MONDAY + timedelta(days=5)).due == ("toujours",)


def test_the_time_is_that_of_the_flow_s_own_zone(settings):
    on_the_island = MONDAY - timedelta(hours=2)
    ran = [(["visites", "ile"], on_the_island - timedelta(hours=1), "settled")]
    assert _find(settings, on_the_island, ran, ["visites", "ile"]).due == ("ile",)


def test_other_words_are_refused_where_they_would_decide_and_nowhere_else(settings):
    assert find_unclear(settings) == ["mots"]
    with pytest.raises(SettingsError) as caught:
        _find(settings, MONDAY, names=["visites", "mots"])
    assert caught.value.code == "settings.schedule.unclear"
    assert caught.value.details == {"flows": "mots"}


@profile(max_examples=count_examples(20))
@given(st.integers(1, 24), st.integers(0, 900))
def test_whoever_looks_often_runs_once_a_time(settings, quarters, start):
    """However often that is: five working days, five runs."""
    step, runs = timedelta(minutes=15 * quarters), []
    now = datetime(2026, 6, 6, 12, tzinfo=UTC) + timedelta(seconds=start)  # a Saturday
    end = now + timedelta(days=7)
    while now < end:
        if _find(settings, now, runs[-1:], ["visites"]).due:
            runs.append((["visites"], now, "settled"))
        now += step
    assert len(runs) == 5
