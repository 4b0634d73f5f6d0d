"""When a flow is due next: never before its hour, each flow at a moment of its own, the same every day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journeying import to_files

from passerelle.engine.settings.fleet_settings import FleetSettings
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.turns.next_moments import find_delay, find_first_moment, find_next_moment
from passerelle.vocabulary.turns import FlowKey

KEYS = st.builds(FlowKey, st.sampled_from(["una-35", "admr-81"]), st.from_regex(r"[a-z][a-z0-9-]{0,8}\Z"))
RULES = FleetSettings(look_every=900, spread=600)
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def flow(tmp_path_factory):
    path = tmp_path_factory.mktemp("fleet") / "passerelle.toml"
    path.write_text(to_files('kind = "folder", path = "sorties"'), "utf-8")
    return load_settings(path).flows["visites"]


@given(KEYS, st.integers(0, 86_400))
def test_a_delay_is_the_same_each_time_and_within_its_bound(key, most):
    delay = find_delay(key, most)
    assert timedelta() <= delay <= timedelta(seconds=most)
    assert find_delay(key, most) == delay


def test_delays_are_spread_over_the_whole_time():
    delays = [find_delay(FlowKey(f"org-{number}", "visites"), 600) for number in range(1_000)]
    by_minute = [
        sum(minute * 60 <= delay.total_seconds() < minute * 60 + 60 for delay in delays) for minute in range(10)
    ]
    assert min(by_minute) > 60
    assert max(by_minute) < 150


@given(KEYS, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001  bounds of times that get a zone
def test_a_flow_with_a_schedule_is_due_once_after_each_of_its_hours(flow, key, now):
    scheduled = flow.model_copy(update={"schedule": "chaque nuit à 02:30"})
    first = find_next_moment(key, scheduled, RULES, now)
    assert first > now
    second = find_next_moment(key, scheduled, RULES, first)
    # a day, give or take the hour of a change of clocks
    assert timedelta(hours=22) < second - first < timedelta(hours=26)
    assert second - timedelta(seconds=600) <= second - find_delay(key, 600) <= second


def test_a_flow_without_one_is_looked_at_again_and_again(flow):
    key = FlowKey("una-35", "visites")
    assert find_next_moment(key, flow, RULES, NOW) == NOW + timedelta(seconds=900)
    assert NOW <= find_first_moment(key, flow, RULES, NOW) <= NOW + timedelta(seconds=600)


def test_a_schedule_that_is_not_understood_is_looked_at_all_the_same(flow):
    unclear = flow.model_copy(update={"schedule": "quand il pleut"})
    assert find_next_moment(FlowKey("", "visites"), unclear, RULES, NOW) == NOW + timedelta(seconds=900)


def test_what_waits_for_the_other_side_is_tried_again_in_its_time(flow):
    key, soon = FlowKey("una-35", "visites"), NOW + timedelta(seconds=60)
    assert find_next_moment(key, flow, RULES, NOW, soon) == soon
    assert find_next_moment(key, flow.model_copy(update={"schedule": "chaque nuit à 02:30"}), RULES, NOW, soon) == soon


def test_a_flow_that_is_switched_off_is_never_due(flow):
    off = flow.model_copy(update={"enabled": False})
    assert find_next_moment(FlowKey("", "visites"), off, RULES, NOW) is None
    assert find_first_moment(FlowKey("", "visites"), off, RULES, NOW) is None
