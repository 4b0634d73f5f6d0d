"""Where the offset of a zone changes: found week by week, and held against a look at every day."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from passerelle.stages.translate.converters.clocks import FIRST_YEAR, LAST_YEAR, list_offset_changes

FIRST, LAST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
EVERY_DAY = [FIRST + timedelta(days=day) for day in range((LAST - FIRST).days + 1)]
ALIKE = {list_offset_changes(zone): zone for zone in sorted(available_timezones())}
"""One zone of those that have the same offsets."""


@pytest.mark.slow
def test_no_change_of_an_offset_is_passed_over_in_any_zone():
    wrong = []
    for (bounds, _labels), zone in ALIKE.items():
        place = ZoneInfo(zone)
        offsets = [place.utcoffset(day.astimezone(place)) for day in EVERY_DAY]
        changes = sum(before != after for before, after in itertools.pairwise(offsets))
        # Each change has two bounds, what the local clock says before and after it; first and last day have one.
        if len(bounds) != 2 * changes + 2:
            wrong.append(zone)
    assert wrong == []


def test_paris_changes_twice_a_year_since_1976():
    bounds, labels = list_offset_changes("Europe/Paris")
    summers = LAST_YEAR - 1976 + 1
    assert len(bounds) == 2 * 2 * summers + 2
    assert labels.count("+02:00") == summers
    assert set(labels) == {None, "+01:00", "+02:00"}


def test_the_hour_that_exists_twice_and_the_one_that_does_not_have_no_offset():
    bounds, labels = list_offset_changes("Europe/Paris")
    spring, autumn = (
        int((datetime(2024, month, day, hour, 30, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
        * 1000
        for month, day, hour in ((3, 31, 2), (10, 27, 2))
    )
    for moment in (spring, autumn):
        assert labels[sum(bound <= moment for bound in bounds)] is None
    assert labels[sum(bound <= spring + 3_600_000 for bound in bounds)] == "+02:00"
    assert labels[sum(bound <= autumn + 3_600_000 for bound in bounds)] == "+01:00"
