"""Formats of numbers: which show zeros, which show a day or a time; and what XlsxWriter writes, read back."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.documents.number_formats import NumberFormat
from passerelle.documents.workbook_reader import open_rows
from passerelle.documents.workbook_rows import iter_rows

FIRST, LAST = datetime(1900, 3, 1), datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001  worksheets have no zones
MOMENTS = st.datetimes(FIRST, LAST).map(lambda moment: moment.replace(microsecond=0))


def read_column(cells, *, since_1904: bool = False) -> list[str]:
    """Write numbers or moments with their formats into one column, and return what is read of them."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "date_1904": since_1904}) as book:
        sheet = book.add_worksheet()
        for row, (value, form) in enumerate(cells):
            write = sheet.write_datetime if isinstance(value, datetime | timedelta) else sheet.write_number
            write(row, 0, value, book.add_format({"num_format": form}))
    with open_rows(stream, []) as output:
        output.readline()
        output.readline()
        return [cells[0] for _number, cells in iter_rows(output)]


@pytest.mark.parametrize(
    ("form", "has_day", "has_time"),
    [
        ("dd/mm/yyyy", True, False),
        ("[$-40C]d mmmm yyyy;@", True, False),
        ("dd/mm/yyyy hh:mm", True, True),
        ("hh:mm:ss", False, True),
        ("[$-F400]h:mm:ss AM/PM", False, True),
        ("[h]:mm", False, False),
        ("General", False, False),
        ("0.00", False, False),
        ('0" jours"', False, False),
        ("0.00E+00", False, False),
        ("[Red]0", False, False),
    ],
)
def test_what_a_format_shows(form, has_day, has_time):
    read = NumberFormat(form)
    assert (read.has_day, read.has_time, read.writes_zeros) == (has_day, has_time, False)


@given(st.integers(0, 10**15 - 1), st.integers(2, 15))
def test_as_many_digits_are_shown_as_the_format_has_zeros(number, places):
    assert NumberFormat("0" * places).show(str(number)) == str(number).zfill(places)
    assert NumberFormat("0" + "#" * (places - 1)).show(str(number)) == str(number).zfill(places)


@given(
    st.integers(0, 10**15 - 1), st.lists(st.integers(1, 4), min_size=2, max_size=6), st.sampled_from([" ", ".", "-"])
)
def test_signs_between_the_places_take_no_digit(number, groups, sign):
    form = f'"{sign}"'.join("0" * group for group in groups)
    shown = NumberFormat(form).show(str(number))
    assert shown.replace(sign, "") == str(number).zfill(sum(groups))
    assert shown.count(sign) == len(groups) - 1


@given(st.text("0#?.,%/E+-;[]<>=\"\\_*@ aehmsyGl€|'1", max_size=20), st.floats(allow_nan=False).map(repr))
def test_no_format_is_too_odd(form, number):
    shown = NumberFormat(form).show(number)
    assert shown == "" or NumberFormat(form).writes_zeros


@settings(max_examples=count_examples(15), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(2, 9)), min_size=1, max_size=200))
def test_zeros_of_a_workbook_are_read_as_shown(numbers):
    cells = [(number, "0" * places) for number, places in numbers]
    assert read_column(cells) == [str(number).zfill(places) for number, places in numbers]


@settings(max_examples=count_examples(15), deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=200), st.booleans())
def test_moments_of_a_workbook_are_read_to_the_second(moments, since_1904):
    moments = [max(moment, datetime(1904, 1, 2)) for moment in moments] if since_1904 else moments  # noqa: DTZ001  as above
    read = read_column([(moment, "dd/mm/yyyy hh:mm:ss") for moment in moments], since_1904=since_1904)
    assert read == [moment.isoformat() for moment in moments]
    days = read_column([(moment.replace(hour=0, minute=0, second=0), "d mmmm yyyy") for moment in moments])
    assert days == [moment.date().isoformat() for moment in moments]


@settings(max_examples=count_examples(15), deadline=None)
@given(st.lists(st.integers(1, 10**8), min_size=1, max_size=200), st.sampled_from(["[h]:mm:ss", "hh:mm:ss", "h:mm"]))
def test_durations_are_read_to_the_second_whether_their_format_shows_whole_days_or_not(seconds, form):
    read = read_column([(timedelta(seconds=number), form) for number in seconds])
    assert read == [f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}" for n in seconds]


def test_the_day_that_spreadsheets_invented_is_no_day():
    serials = [(number, "dd/mm/yyyy") for number in (1, 59, 60, 61)]
    assert read_column(serials) == ["1900-01-01", "1900-02-28", "1900-02-29", "1900-03-01"]
    assert read_column(serials, since_1904=True) == ["1904-01-02", "1904-02-29", "1904-03-01", "1904-03-02"]


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (45600, "dd/mm/yyyy hh:mm", "2024-11-04T00:00:00"),
        (45600.999999999, "dd/mm/yyyy hh:mm", "2024-11-05T00:00:00"),
        (45600.999999999, "dd/mm/yyyy", "2024-11-05"),
        (45600.39583333333, "dd/mm/yyyy", "2024-11-04T09:30:00"),
        (0.39583333333, "hh:mm", "09:30:00"),
        (0, "hh:mm", "00:00:00"),
        (1, "hh:mm", "24:00:00"),
        (1.1041666667, "hh:mm", "26:30:00"),
        (-1, "dd/mm/yyyy", "-1"),
    ],
)
def test_days_and_times_at_the_edges(number, form, text):
    assert read_column([(number, form)]) == [text]
