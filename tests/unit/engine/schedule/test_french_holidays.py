"""Public holidays, against dates that calendars print."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.schedule.french_holidays import compute_easter, is_working_day, list_holidays


@pytest.mark.parametrize(
    "day",
    [date(1961, 4, 2), date(2008, 3, 23), date(2024, 3, 31), date(2026, 4, 5), date(2038, 4, 25), date(2285, 3, 22)],
)
def test_easter_is_where_printed_tables_have_it(day):
    assert compute_easter(day.year) == day


@given(st.integers(1900, 4000))
def test_easter_is_a_sunday_between_its_bounds(year):
    easter = compute_easter(year)
    assert easter.weekday() == 6
    assert date(year, 3, 22) <= easter <= date(year, 4, 25)


@given(st.integers(1900, 4000))
def test_there_are_eleven_holidays_but_when_two_fall_together_and_two_more_in_alsace_moselle(year):
    usual, more = list_holidays(year), list_holidays(year, alsace=True)
    together = compute_easter(year) + timedelta(days=39) in {date(year, 5, 1), date(year, 5, 8)}
    assert len(usual) == 11 - together
    assert more - usual == {compute_easter(year) - timedelta(days=2), date(year, 12, 26)}


def test_the_days_of_2026():
    said = "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"
    assert list_holidays(2026) == {date.fromisoformat(f"2026-{day}") for day in said.split()}


def test_working_days():
    assert is_working_day(date(2026, 4, 3))
    assert not is_working_day(date(2026, 4, 3), alsace=True)
    assert not is_working_day(date(2026, 4, 4))
    assert is_working_day(date(2026, 4, 4), saturdays=True)
    assert not is_working_day(date(2026, 4, 6), saturdays=True)
