"""An end that is before its start on the clock is on the next day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Doubtful, Fault, LocalDateTime, Ref, Table
from passerelle.stages.translate.columnar import evaluate
from passerelle.stages.translate.converters.layouts import compile_format
from passerelle.stages.translate.converters.nights import count_days, read_clock
from passerelle.stages.translate.rendering import find_unmapped, render
from passerelle.stages.translate.slot import ConverterSlot

FORMATS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %-Hh%M", "%d/%m/%Y %-Hh")
END = LocalDateTime(("jour", "fin"), formats=FORMATS, after="début")
START = LocalDateTime(("jour", "début"), formats=FORMATS)


def end_of(day: str, start: str | None, end: str, converter: LocalDateTime = END) -> object:
    return converter.parse({"jour": day, "début": start, "fin": end})


def test_a_visit_through_midnight_ends_the_next_day_over_the_end_of_months_and_years():
    assert end_of("16/11/2024", "21:00", "07:00") == "2024-11-17T07:00:00+01:00"
    assert end_of("31/12/2024", "22h", "6h30") == "2025-01-01T06:30:00+01:00"
    assert end_of("28/02/2024", "23:15", "00:45") == "2024-02-29T00:45:00+01:00"


def test_a_visit_by_day_ends_the_same_day():
    assert end_of("15/11/2024", "7h30", "9h") == "2024-11-15T09:00:00+01:00"
    assert end_of("15/11/2024", "09:00", "9h05") == "2024-11-15T09:05:00+01:00"


def test_the_clock_decides_in_the_nights_in_which_it_changes():
    assert end_of("26/10/2024", "21:00", "07:00") == "2024-10-27T07:00:00+01:00"
    assert end_of("30/03/2024", "21:00", "07:00") == "2024-03-31T07:00:00+02:00"
    assert end_of("26/10/2024", "22:30", "02:30") == Fault("translate.time.twice", "jour", {"zone": "Europe/Paris"})


def test_midnight_written_as_24_is_not_moved_a_second_time():
    assert (
        end_of("29/02/2024", "23:00", "24:00") == end_of("29/02/2024", "23:00", "00:00") == "2024-03-01T00:00:00+01:00"
    )


def test_an_end_written_as_its_start_is_doubted_unless_the_connector_says_what_it_is():
    row = ("15/11/2024", "20:00", "20h00")
    assert end_of(*row) == Doubtful("2024-11-15T20:00:00+01:00", "translate.time.as_start", "fin")
    rules = {"same_day": "2024-11-15T20:00:00+01:00", "next_day": "2024-11-16T20:00:00+01:00"}
    for rule, expected in rules.items():
        converter = LocalDateTime(("jour", "fin"), formats=FORMATS, after="début", same_time=rule)  # type: ignore[arg-type]  # one of its words
        assert end_of(*row, converter) == expected
    refusing = LocalDateTime(("jour", "fin"), formats=FORMATS, after="début", same_time="refuse")
    assert end_of(*row, refusing) == Fault("translate.time.as_start", "fin")


def test_without_a_start_the_end_stays_on_its_day_and_an_unreadable_start_is_told():
    assert end_of("15/11/2024", None, "07:00") == "2024-11-15T07:00:00+01:00"
    assert isinstance(fault := end_of("15/11/2024", "vers 21 h", "07:00"), Fault)
    assert fault.column == "début"


def test_a_night_is_read_column_by_column_and_not_row_by_row():
    frame = pl.DataFrame({"jour": ["16/11/2024"] * 2, "début": ["21:00", "7h30"], "fin": ["07:00", "9h"]})
    (pair,) = evaluate(frame, [ConverterSlot.of("planned_end", END, pl.String())])
    assert pair is not None
    assert pair[0].to_list() == ["2024-11-17T07:00:00+01:00", "2024-11-16T09:00:00+01:00"]
    assert pair[1].to_list() == [True, True]


def test_formats_without_a_time_behind_the_day_are_refused():
    with pytest.raises(ValueError, match="after"):
        LocalDateTime("a", formats=("%d/%m/%Y %H:%M",), after="b")
    with pytest.raises(ValueError, match="after"):
        LocalDateTime(("a", "b"), formats=("%d/%m/%Y",), after="c")


clocks = st.tuples(st.integers(0, 23), st.integers(0, 59))


@given(day=st.dates(date(2000, 1, 1), date(2030, 12, 31)), start=clocks, end=clocks)
def test_a_night_never_lasts_more_than_a_day_on_the_clock_and_never_ends_before_it_begins(day, start, end):
    converter = LocalDateTime(("jour", "fin"), formats=FORMATS, after="début", zone="UTC", same_time="same_day")
    text = end_of(f"{day:%d/%m/%Y}", "{:02d}:{:02d}".format(*start), "{:02d}:{:02d}".format(*end), converter)
    begun = datetime(day.year, day.month, day.day, *start).astimezone().replace(tzinfo=None)
    ended = datetime.fromisoformat(str(text)).replace(tzinfo=None)
    assert timedelta(0) <= ended - begun < timedelta(days=1)


@given(start=st.tuples(*[st.integers(0, 23), st.integers(0, 59), st.just(0)]), end=clocks)
def test_an_end_is_a_day_later_exactly_when_it_is_before(start, end):
    days, same = count_days(start, (*end, 0), "doubt")
    assert days == int((*end, 0) < start)
    assert same == ((*end, 0) == start)


def test_a_clock_that_cannot_be_is_not_read():
    layouts = (compile_format("%H:%M"), compile_format("%H:%M:%S"))
    assert [read_clock(text, layouts) for text in ("24:01", "09:75", "", None)] == [None] * 4
    assert read_clock("1899-12-31T21:00:00", layouts) == (21, 0, 0)


def test_written_back_the_day_is_that_of_the_start_whatever_the_order_of_the_fields():
    table = Table(
        contract="visit/1",
        fields={"planned_end": END, "ref": Ref("id", system="s", entity="visit"), "planned_start": START},
    )
    visit = {
        "ref": "s:visit:1",
        "planned_start": "2024-11-16T21:00:00+01:00",
        "planned_end": "2024-11-17T07:00:00+01:00",
    }
    rows = render(pl.DataFrame([visit]), table, supplier="s").to_dicts()
    assert rows == [{"id": "1", "jour": "16/11/2024", "début": "21:00", "fin": "07:00"}]
    assert find_unmapped(pl.DataFrame([visit]), table, supplier="s") == {}
    longer = visit | {"planned_end": "2024-11-18T07:00:00+01:00"}
    assert find_unmapped(pl.DataFrame([longer]), table, supplier="s") == {0: ("planned_end",)}
