"""When something is due: once a day and time, also when the clocks change; what comes after the last is the next."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.schedule.due_rules import LAST, DayRule, DueRule
from passerelle.engine.schedule.due_words import parse_due_words

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from([PARIS, ZoneInfo("Indian/Reunion"), ZoneInfo("America/Cayenne"), ZoneInfo("America/Miquelon")])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive
TEXTS = st.sampled_from(
    [
        "chaque nuit",
        "tous les jours à 2 h 15, 3 h et 23 h 59",
        "jours ouvrés à 2 h 30",
        "fin de mois à 20 h",
        "dernier jour ouvré à 0 h",
        "le 31 du mois à 6 h",
        "toutes les 15 minutes",
        "0 3 29 2 *",
        "*/20 8-18 1,15 * 1",
    ]
)


@given(TEXTS, MOMENTS, ZONES)
def test_the_last_is_not_later_the_next_is_later_and_nothing_lies_between(text, now, zone):
    schedule = parse_due_words(text)
    last, following = schedule.find_last(now, zone), schedule.find_next(now, zone)
    assert last <= now < following
    assert schedule.find_next(last, zone) == following
    assert schedule.find_last(following, zone) == following
    assert schedule.find_last(following - timedelta(microseconds=1), zone) == last


@given(st.times(), MOMENTS, ZONES)
def test_a_time_of_every_day_comes_once_a_day_whatever_the_clocks_do(moment, now, zone):
    schedule = DueRule(times=(moment,))
    day = now.astimezone(zone).date()
    seen = []
    at = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    for _count in range(10):
        at = schedule.find_next(at, zone)
        seen.append(at)
    gaps = {later - earlier for earlier, later in itertools.pairwise(seen)}
    assert gaps <= {timedelta(hours=hours) for hours in (23, 24, 25)}
    assert len({at.astimezone(zone).date() for at in seen}) == 10


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # the night in which 2 h 30 does not exist, and the one in which it comes twice
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_skipped_is_an_hour_later_and_one_that_comes_twice_the_first(now, due):
    assert parse_due_words("chaque nuit à 2 h 30").find_next(now, PARIS) == due


def test_days_of_a_month():
    june = [date(2026, 6, day) for day in range(1, 31)]

    def list_days(rule):
        return [day.day for day in june if rule.covers(day)]

    assert list_days(DayRule(month_days=frozenset({LAST}))) == [30]
    assert list_days(DayRule(month_days=frozenset({31}))) == []
    assert list_days(DayRule(worked="weekdays", position=-1)) == [30]
    assert list_days(DayRule(worked="weekdays", position=1)) == [1]
    assert list_days(DayRule(frozenset({0}), frozenset({2}), either=True)) == [1, 2, 8, 15, 22, 29]
    assert list_days(DayRule(frozenset({1}), frozenset({2}))) == [2]
    assert list_days(DayRule(months=frozenset({7}))) == []
    may = DayRule(worked="any")
    assert [day for day in (1, 2, 3, 8, 14, 25) if may.covers(date(2026, 5, day))] == [2, 3]


def test_a_day_that_never_comes_is_never_due():
    never = parse_due_words("0 3 30 2 *")
    assert never.find_next(datetime(2026, 1, 1, tzinfo=UTC), PARIS) is None
    assert never.find_last(datetime(2026, 1, 1, tzinfo=UTC), PARIS) is None
