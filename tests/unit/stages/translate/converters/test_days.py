"""Days, and days of which a part is known: what is read, refused, doubted and written."""

from __future__ import annotations

from datetime import date

import pytest
from converter_outcomes import CANARY, ROW_WISE, read_columns, reason
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Date, Fault, LocalDateTime, PartialDate


@pytest.mark.parametrize(
    ("text", "day"),
    [("31/12/2024", "2024-12-31"), ("2024-02-29", "2024-02-29"), ("29/02/2024", "2024-02-29")],
)
def test_a_day_is_read_in_any_declared_format(text, day):
    assert Date("a", formats=("%d/%m/%Y", "%Y-%m-%d")).parse({"a": text}) == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/12/2024", "translate.date.malformed"),
        ("19970-04-22", "translate.date.malformed"),
        ("+1/12/2024", "translate.date.malformed"),
        ("31/12/2024\n", "translate.date.malformed"),
        ("٣1/12/2024", "translate.date.malformed"),
        ("30/02/2024", "translate.date.impossible"),
        ("29/02/2023", "translate.date.impossible"),
    ],
)
def test_a_day_written_otherwise_or_that_does_not_exist_is_a_fault(text, expected):
    assert reason(Date("a").parse({"a": text})) == expected


def test_the_fault_of_a_day_shows_our_example_and_never_the_value():
    fault = Date("a").parse({"a": CANARY})
    assert fault.details == {"expected": "31/12/2024"}
    assert CANARY not in repr(fault)


def test_a_format_that_cannot_be_read_strictly_is_refused_at_once():
    for form in ("%d/%B/%Y", "%d/%m", "%d/%m/%Y %f %H", "%d/%d/%Y"):
        with pytest.raises(ValueError, match="format"):
            Date("a", formats=(form,))
    with pytest.raises(ValueError, match="formats is a list"):
        Date("a", formats="%d/%m/%Y")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/04/1947", "1947-04-03"),
        ("00/04/1947", "1947-04"),
        ("00/00/1947", "1947"),
        ("04/1947", "1947-04"),
        ("1947", "1947"),
        ("00/00/0000", None),
    ],
)
def test_a_partial_day_keeps_what_is_known(text, day):
    assert PartialDate("a").parse({"a": text}) == day


def test_a_partial_day_with_a_day_and_no_month_is_impossible():
    assert reason(PartialDate("a").parse({"a": "12/00/1947"})) == "translate.date.impossible"


def test_a_partial_day_is_written_with_zeros():
    assert PartialDate("a").render("1947-04") == {"a": "00/04/1947"}


def test_a_day_that_stands_for_no_end_can_be_read():
    assert Date("a").parse({"a": "31/12/9999"}) == "9999-12-31"
    assert isinstance(LocalDateTime("a", formats=("%d/%m/%Y %H:%M",)).parse({"a": "31/12/9999 24:00"}), Fault)


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from(["%d/%m/%Y", "%Y%m%d", "%m-%d-%Y"]))
def test_every_day_comes_back_as_it_was_written_from_columns_too(day, form):
    converter = Date("a", formats=(form,))
    cells = converter.render(day.isoformat())
    assert converter.parse(cells) == day.isoformat()
    assert read_columns(converter, cells["a"]) == [day.isoformat()]


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from([4, 7, 10]))
def test_what_is_known_of_a_day_comes_back_and_no_more(day, size):
    known = day.isoformat()[:size]
    assert PartialDate("a").parse(PartialDate("a").render(known)) == known


def test_columns_are_sure_of_whole_days_only():
    assert read_columns(PartialDate("a"), "03/04/1947", "00/04/1947", "1947", "30/02/2024", None) == [
        "1947-04-03", ROW_WISE, ROW_WISE, ROW_WISE, None,
    ]  # fmt: skip


def test_where_two_orders_are_declared_the_first_that_makes_a_day_wins():
    converter = Date("a", formats=("%d/%m/%Y", "%m/%d/%Y"))
    assert [converter.parse({"a": text}) for text in ("01/02/2024", "12/31/2024")] == ["2024-02-01", "2024-12-31"]
    assert read_columns(converter, "01/02/2024", "12/31/2024") == ["2024-02-01", "2024-12-31"]


@pytest.mark.parametrize("converter", [Date("a", true_cells=True), PartialDate("a", true_cells=True)])
def test_the_time_of_a_true_cell_is_told_unless_it_is_midnight(converter):
    assert converter.parse({"a": "2024-11-04T00:00:00"}) == "2024-11-04"
    doubted = converter.parse({"a": "2024-11-04T09:30:00"})
    assert (doubted.value, reason(doubted)) == ("2024-11-04", "translate.date.with_time")


def test_the_way_a_true_cell_is_written_is_not_read_in_a_text_file():
    assert reason(Date("a").parse({"a": "2024-11-04"})) == "translate.date.malformed"


@pytest.mark.parametrize(
    ("formats", "faithful"),
    [
        (("%d/%m/%y",), True),
        (("%d/%m/%y", "%d%m%y"), True),
        (("%d/%m/%y", "%d/%m/%Y"), False),
        (("%d/%m/%Y", "%d/%m/%y"), True),
    ],
)
def test_what_is_written_with_two_digits_cannot_be_every_year_that_is_read_with_four(formats, faithful):
    assert Date("a", formats=formats, years_from=1950).is_faithful is faithful
