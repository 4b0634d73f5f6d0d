"""Moments: local times on the nights when clocks change, pairs of a day and a time, instants with their offset."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from converter_outcomes import ROW_WISE, read_columns, reason
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Instant, LocalDateTime
from passerelle.stages.translate.converters.clocks import classify_local_time

PARIS = {"formats": ("%Y/%m/%d %H:%M:%S",)}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024/12/31 08:00:00", "2024-12-31T08:00:00+01:00"),
        ("2024/07/01 08:00:00", "2024-07-01T08:00:00+02:00"),
        ("2024/03/31 01:59:59", "2024-03-31T01:59:59+01:00"),
        ("2024/03/31 03:00:00", "2024-03-31T03:00:00+02:00"),
        ("2024/10/27 03:00:00", "2024-10-27T03:00:00+01:00"),
        ("2024/12/31 24:00:00", "2025-01-01T00:00:00+01:00"),
    ],
)
def test_a_local_time_gets_the_offset_of_its_zone(text, moment):
    assert LocalDateTime("a", **PARIS).parse({"a": text}) == moment


def test_a_time_that_does_not_exist_is_refused_or_moved_later_with_a_warning():
    row = {"a": "2024/03/31 02:30:00"}
    assert reason(LocalDateTime("a", **PARIS).parse(row)) == "translate.time.missing"
    moved = LocalDateTime("a", **PARIS, missing="later").parse(row)
    assert (moved.value, reason(moved)) == ("2024-03-31T03:30:00+02:00", "translate.time.resolved")


def test_a_time_that_exists_twice_is_refused_or_resolved_with_a_warning():
    row = {"a": "2024/10/27 02:30:00"}
    assert reason(LocalDateTime("a", **PARIS).parse(row)) == "translate.time.twice"
    assert LocalDateTime("a", **PARIS, twice="earlier").parse(row).value == "2024-10-27T02:30:00+02:00"
    assert LocalDateTime("a", **PARIS, twice="later").parse(row).value == "2024-10-27T02:30:00+01:00"


def test_hour_24_is_midnight_only_when_allowed_and_whole():
    assert reason(LocalDateTime("a", **PARIS, hour24=False).parse({"a": "2024/12/31 24:00:00"})).endswith("impossible")
    assert reason(LocalDateTime("a", **PARIS).parse({"a": "2024/12/31 24:00:01"})).endswith("impossible")


def test_a_compact_supplier_time_with_hour_24_is_read():
    assert LocalDateTime("a", formats=("%Y%m%d%H%M",)).parse({"a": "201610312400"}) == "2016-11-01T00:00:00+01:00"


def test_a_local_time_before_standard_time_is_refused_because_its_offset_has_seconds():
    assert reason(LocalDateTime("a", **PARIS).parse({"a": "1900/01/01 00:00:00"})) == "translate.time.impossible"


def test_a_day_without_its_time_is_a_fault_of_a_pair():
    pair = LocalDateTime(("d", "t"), formats=("%d/%m/%Y %H:%M",))
    assert pair.parse({"d": "31/12/2024", "t": "08:30"}) == "2024-12-31T08:30:00+01:00"
    assert reason(pair.parse({"d": "31/12/2024", "t": None})) == "translate.time.malformed"
    assert pair.parse({"d": None, "t": ""}) is None
    assert pair.render("2024-12-31T08:30:00+01:00") == {"d": "31/12/2024", "t": "08:30"}


def test_a_day_without_its_time_is_nothing_where_the_description_says_so():
    pair = LocalDateTime(("d", "t"), formats=("%d/%m/%Y %H:%M",), untimed="none")
    assert pair.parse({"d": "31/12/2024", "t": None}) is None
    assert reason(pair.parse({"d": None, "t": "08:30"})) == "translate.time.malformed"
    assert pair.parse({"d": "31/12/2024", "t": "08:30"}) == "2024-12-31T08:30:00+01:00"


def test_a_zone_that_does_not_exist_is_refused_at_once():
    with pytest.raises(ValueError, match="zone"):
        LocalDateTime("a", **PARIS, zone="Europe/Pari")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-12-31T08:00:00Z", "2024-12-31T08:00:00+00:00"),
        ("2024-12-31T08:00:00.999+01:00", "2024-12-31T08:00:00+01:00"),
        ("2024-12-31 08:00:00 +0100", "2024-12-31T08:00:00+01:00"),
        ("2024-12-31T08:00-00:00", "2024-12-31T08:00:00+00:00"),
    ],
)
def test_an_instant_keeps_its_offset(text, moment):
    assert Instant("a").parse({"a": text}) == moment


def test_an_instant_without_offset_is_a_fault_of_its_own():
    assert reason(Instant("a").parse({"a": "2024-12-31T08:00:00"})) == "translate.instant.no_offset"
    assert reason(Instant("a").parse({"a": "2024-02-30T08:00:00Z"})) == "translate.time.impossible"
    assert reason(Instant("a").parse({"a": "hier"})) == "translate.instant.malformed"


@pytest.mark.parametrize(
    ("day", "hour", "column"),
    [
        ("31/12/2024", "8h30", "hour"),
        ("31/12/2024", "25:00", "hour"),
        ("31/12/2024", None, "hour"),
        ("31/02/2024", "08:30", "day"),
        ("hier", "8h30", "day"),
        (None, "08:30", "day"),
    ],
)
def test_of_a_day_and_its_time_the_wrong_column_is_named(day, hour, column):
    fault = LocalDateTime(("day", "hour"), formats=("%d/%m/%Y %H:%M",)).parse({"day": day, "hour": hour})
    assert fault.column == column


@given(st.datetimes(datetime(1972, 1, 2), datetime(2037, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001  bounds are naive
def test_what_columns_are_sure_of_is_the_moment_that_was_written(moment):
    written = moment.replace(microsecond=0).astimezone(ZoneInfo("Europe/Paris")).isoformat()
    converter = LocalDateTime("a", **PARIS, twice="earlier")
    cells = converter.render(written)
    sure = not classify_local_time(datetime.fromisoformat(written).replace(tzinfo=None), ZoneInfo("Europe/Paris"))
    assert read_columns(converter, cells["a"]) == [written if sure else ROW_WISE]


def test_columns_leave_the_nights_of_the_clock_and_distant_years_to_the_exact_way():
    texts = ("2024/03/31 02:30:00", "2024/10/27 02:30:00", "1971/12/31 08:00:00", "2038/01/01 08:00:00")
    assert read_columns(LocalDateTime("a", **PARIS), *texts) == [ROW_WISE] * 4
    assert read_columns(LocalDateTime("a", **PARIS), "2024/03/31 03:00:00") == ["2024-03-31T03:00:00+02:00"]


def test_the_last_midnight_of_all_is_a_fault_and_no_error():
    end = LocalDateTime("a", **PARIS).parse({"a": "2999/12/31 24:00:00"})
    assert reason(end) == "translate.time.impossible"


def test_a_format_without_seconds_cannot_bring_back_those_of_another():
    both = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
    assert not LocalDateTime("a", formats=both).is_faithful
    assert LocalDateTime("a", formats=both[::-1]).is_faithful


@pytest.mark.parametrize("offset", ["+14:59", "+15:00", "-15:00"])
def test_an_offset_is_one_that_some_place_on_earth_may_have(offset):
    outcome = Instant("a").parse({"a": f"2024-12-31T08:00:00{offset}"})
    if offset == "+14:59":
        assert outcome == f"2024-12-31T08:00:00{offset}"
    else:
        assert reason(outcome) == "translate.instant.malformed"


def test_an_instant_of_which_columns_are_not_sure_is_read_all_the_same():
    texts = ("2024-12-31T08:00:00Z", "2024-12-31T08:00:00-00:00", "2024-02-30T08:00:00Z", "2024-12-31 08:00:00Z")
    assert read_columns(Instant("a"), *texts) == ["2024-12-31T08:00:00+00:00", ROW_WISE, ROW_WISE, ROW_WISE]


@pytest.mark.parametrize("day", ["2024/12/31", "31/12/2024"])
def test_the_fault_of_a_pair_stands_at_the_time_whichever_of_the_formats_reads_the_day(day):
    both = LocalDateTime(("day", "time"), formats=("%Y/%m/%d %H:%M", "%d/%m/%Y %H:%M"))
    assert both.parse({"day": day, "time": "8 heures"}).column == "time"
    assert both.parse({"day": "demain", "time": "08:00"}).column == "day"


def test_a_true_cell_that_holds_day_and_time_needs_no_pair():
    row = {"a": "2024-12-31T08:00:00"}
    assert LocalDateTime("a", **PARIS, true_cells=True).parse(row) == "2024-12-31T08:00:00+01:00"
