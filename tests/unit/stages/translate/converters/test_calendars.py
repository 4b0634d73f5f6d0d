"""The tables of days: what they say of a minute is what the clock of its zone says, and nothing where it is unclear."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate.converters.calendars import build_day_tables, build_minute_enum
from passerelle.stages.translate.converters.clocks import attach_offset, classify_local_time, format_moment

ZONES = (
    "Europe/Paris",
    "Indian/Reunion",
    "America/Cayenne",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Monrovia",
)
NIGHTS = st.sampled_from(
    [date(2024, 3, 31), date(2024, 10, 27), date(1976, 3, 28), date(1972, 1, 7), date(2037, 12, 31)]
)
FORM = "%d/%m/%Y"


def look_up(text, minute, zone, seconds=None):
    """Return the day and the time with its offset that the tables have."""
    tables = build_day_tables(FORM, zone)
    frame = pl.DataFrame({"a": [text], "minute": [minute]}, {"a": pl.String, "minute": pl.Int32})
    for step in tables.make_steps(pl.col("a"), FORM, "x"):
        frame = frame.with_columns(expr.alias(name) for name, expr in step.items())
    ending = tables.make_ending(pl.col("minute"), seconds, "x")
    return frame.select(pl.concat_str(pl.col("x dates"), *ending)).item()


@given(NIGHTS | st.dates(date(1972, 1, 2), date(2037, 12, 31)), st.integers(0, 24 * 60 - 1), st.sampled_from(ZONES))
def test_a_minute_has_the_offset_of_its_zone_or_none(day, minute, zone):
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    found = look_up(day.strftime(FORM), minute, zone)
    if classify_local_time(local, ZoneInfo(zone)):
        assert found is None
    elif found is not None:
        assert found == format_moment(attach_offset(local, ZoneInfo(zone)))
    else:
        # only the day of a change may be left to the exact way
        offsets = {
            attach_offset(datetime.combine(day, at), ZoneInfo(zone)).utcoffset() for at in (time(), time(23, 59))
        }
        assert len(offsets) == 2 or format_moment(attach_offset(local, ZoneInfo(zone))) is None


@pytest.mark.parametrize(("day", "lower", "upper"), [("2024-03-31", 120, 180), ("2024-10-27", 120, 180)])
def test_the_hour_of_the_change_is_on_neither_side(day, lower, upper):
    tables = build_day_tables(FORM, "Europe/Paris")
    nth = tables.dates.to_list().index(f"{day}T")
    assert (tables.lower[nth], tables.upper[nth]) == (lower, upper)
    assert tables.before[nth] != tables.after[nth]


@pytest.mark.parametrize("text", ["1/01/2024", "01/01/2024 ", "30/02/2024", "31/12/1971", "01/01/2038", "hier", None])
def test_a_day_written_otherwise_or_outside_the_tables_is_not_found(text):
    assert look_up(text, 0, "Europe/Paris") is None


def test_seconds_stand_between_the_minute_and_the_offset():
    assert look_up("01/07/2024", 510, "Europe/Paris", pl.lit(":07")) == "2024-07-01T08:30:07+02:00"


def test_every_minute_of_a_day_is_found_by_its_place():
    minutes = build_minute_enum(" ").categories.to_list()
    assert minutes == [f" {minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60)]
