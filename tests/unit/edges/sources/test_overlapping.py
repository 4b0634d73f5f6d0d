"""Where a look begins: before its cursor by what the connector declares, written as the API writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.edges.sources.overlapping import Overlap
from passerelle.vocabulary.errors import FlowError

NOW = datetime(2024, 11, 4, 12, tzinfo=UTC)
TEN = Overlap(timedelta(minutes=10))


@pytest.mark.parametrize(
    ("cursor", "begin"),
    [
        ("2024-11-04T00:05:00Z", "2024-11-03T23:55:00Z"),
        ("2024-11-04T00:05:00+01:00", "2024-11-03T23:55:00+01:00"),
        ("2024-11-04 00:05:00", "2024-11-03 23:55:00"),
        ("2024-11-04T00:05:00.123Z", "2024-11-03T23:55:00.123Z"),
        ("2024-11-04T00:05:00.123456", "2024-11-03T23:55:00.123456"),
        ("2024-11-04", "2024-11-03"),
        ("0001-01-01T00:00:00", "0001-01-01T00:00:00"),
        ("", ""),
    ],
)
def test_a_moment_is_set_back_and_written_as_it_was(cursor, begin):
    assert TEN.step_back(cursor) == begin


@pytest.mark.parametrize(("cursor", "begin"), [("120", "70"), ("30", "0"), ("", "")])
def test_a_number_is_set_back_and_never_below_nought(cursor, begin):
    assert Overlap(50).step_back(cursor) == begin


def test_without_an_overlap_a_cursor_is_any_text():
    assert Overlap().step_back("eyJ=") == "eyJ="
    assert Overlap().advance("eyJ=", "abc", NOW) == "abc"


@pytest.mark.parametrize("overlap", [TEN, Overlap(5)])
def test_a_cursor_of_another_kind_than_declared_suspends_the_flow(overlap):
    for act in (lambda: overlap.step_back("eyJ="), lambda: overlap.advance("", "eyJ=", NOW)):
        with pytest.raises(FlowError) as caught:
            act()
        assert caught.value.code == "incident.cursor.unreadable"


def test_moments_with_and_without_offset_are_not_compared():
    with pytest.raises(FlowError):
        TEN.advance("2024-11-04T10:00:00", "2024-11-04T10:00:00Z", NOW)


def test_a_cursor_never_goes_back_so_that_a_look_that_breaks_off_does_not_begin_earlier_each_time():
    assert TEN.advance("2024-11-04T10:00:00Z", "2024-11-04T09:55:00Z", NOW) == "2024-11-04T10:00:00Z"
    assert Overlap(5).advance("100", "99", NOW) == "100"
    assert Overlap(5).advance("99", "100", NOW) == "100"
    assert TEN.advance("", "", NOW) == ""


@pytest.mark.parametrize(
    ("given_cursor", "kept"),
    [
        ("2099-01-01T00:00:00Z", "2024-11-04T12:00:00Z"),
        ("2099-01-01T00:00:00+01:00", "2024-11-04T13:00:00+01:00"),
        ("2099-01-01T00:00:00", "2024-11-05T02:00:00"),
        ("2024-11-04T11:59:59Z", "2024-11-04T11:59:59Z"),
    ],
)
def test_a_row_of_the_future_does_not_hide_what_comes_until_then(given_cursor, kept):
    assert TEN.advance("", given_cursor, NOW) == kept


@given(st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  the zone is drawn beside it
def test_setting_back_is_exact_to_the_microsecond(moment):
    begin = datetime.fromisoformat(TEN.step_back(moment.isoformat(timespec="microseconds")))
    assert moment - begin == timedelta(minutes=10)
