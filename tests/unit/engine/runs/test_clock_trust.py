"""A clock that jumps destroys nothing; runs that keep to a new time for most of a day make it believable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.runs.clock_trust import HOLD, ClockTrust, find_wrong_times, judge_clock
from passerelle.stores.books import RunRow

NIGHT = datetime(2026, 6, 1, 2, 30, tzinfo=UTC)
GAP = timedelta(days=31)
FAR = timedelta(days=12 * 365)


def nights(count: int, start: datetime = NIGHT) -> list[datetime]:
    return [start + timedelta(days=number) for number in range(count)]


def judge(*moments: datetime) -> ClockTrust:
    """Judge the clock by runs of which the last one runs now."""
    return judge_clock(moments, moments[-1], GAP)


def test_runs_that_follow_one_another_make_the_clock_believable():
    *_earlier, last = runs = nights(10)
    assert judge(*runs) == ClockTrust(last)
    assert judge(*runs, last + GAP) == ClockTrust(last + GAP)
    assert judge(NIGHT) == judge_clock([], NIGHT, GAP) == ClockTrust(NIGHT), "there is nothing to hold it against"


def test_a_jump_ahead_destroys_nothing_more_and_is_told_once():
    *_earlier, last = runs = nights(10)
    first = judge(*runs, last + FAR)
    assert first == ClockTrust(last, is_trusted=False, has_jumped=True, days=FAR.days)
    second = judge(*runs, last + FAR, last + FAR + timedelta(minutes=5))
    assert (second.moment, second.is_trusted, second.has_jumped) == (last, False, False)


def test_a_clock_that_jumps_while_the_run_is_under_way_is_seen_too():
    *_earlier, last = runs = nights(10)
    trust = judge_clock(runs, last + FAR, GAP)
    assert (trust.moment, trust.has_jumped) == (last, True)


def test_an_installation_that_was_off_for_four_months_tidies_on_its_second_night():
    *_earlier, last = runs = nights(10)
    back = last + timedelta(days=120)
    assert judge(*runs, back).moment == last
    assert judge(*runs, back, back + timedelta(days=1)) == ClockTrust(back + timedelta(days=1), days=120)


def test_a_clock_set_right_again_is_told_once_and_believed_after_a_day():
    *_earlier, last = runs = nights(10)
    repaired = last + timedelta(days=1)
    line = [*runs, last + FAR, repaired]
    assert judge(*line).has_jumped
    assert judge(*line).moment == last
    assert judge(*line, repaired + HOLD).is_trusted


def test_a_clock_that_jumps_twice_is_not_believed_for_its_first_jump():
    *_earlier, last = runs = nights(10)
    assert judge(*runs, last + FAR, last + FAR + FAR).moment == last


@given(
    st.lists(st.timedeltas(min_value=timedelta(0), max_value=GAP), max_size=20),
    st.timedeltas(min_value=timedelta(days=-20_000), max_value=timedelta(days=20_000)),
    st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=1)), max_size=5),
)
def test_for_most_of_a_day_no_jump_destroys_more_than_the_moments_before_it_did(steps, jump, later):
    line = [NIGHT]
    for step in steps:
        line.append(line[-1] + step)
    trusted, moment = line[-1], line[-1] + jump
    for step in (timedelta(0), *later):
        moment += step
        line.append(moment)
        assert judge(*line).moment <= max(trusted + GAP + timedelta(hours=6), trusted)


def runs_at(*moments: datetime) -> list[RunRow]:
    return [
        RunRow(number, (), moment, moment + timedelta(minutes=5), "settled") for number, moment in enumerate(moments, 1)
    ]


def test_the_runs_of_a_clock_that_was_ahead_are_found_once_it_is_right():
    runs = nights(3)
    after = [runs[-1] + timedelta(days=1), runs[-1] + timedelta(days=2)]
    wrong = find_wrong_times(runs_at(*runs, runs[-1] + FAR, *after), GAP)
    assert (wrong.first, wrong.last, wrong.shift) == (4, 4, timedelta(days=1) - FAR)


def test_the_runs_of_a_clock_that_was_behind_are_found_once_it_is_right():
    runs = nights(3)
    dawn = datetime(1970, 1, 1, tzinfo=UTC)
    after = runs[-1] + timedelta(days=2)
    wrong = find_wrong_times(runs_at(*runs, dawn, dawn + timedelta(days=1), after), GAP)
    assert (wrong.first, wrong.last, wrong.shift) == (4, 5, after - dawn - timedelta(days=1))
    first = find_wrong_times(runs_at(dawn, after), GAP)
    assert (first.first, first.last) == (1, 1), "a machine that was set up before it knew the time"


@pytest.mark.parametrize(
    "moments",
    [nights(3), [*nights(3), NIGHT + timedelta(days=120)], [NIGHT, NIGHT + GAP * 2, NIGHT + GAP * 4]],
    ids=["every night", "off for four months", "off twice"],
)
def test_what_was_off_for_long_was_not_wrong(moments):
    assert find_wrong_times(runs_at(*moments), GAP) is None
