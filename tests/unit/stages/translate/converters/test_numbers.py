"""Durations, amounts, quantities: exact to the last digit, or refused."""

from __future__ import annotations

import pytest
from converter_outcomes import ROW_WISE, read_columns, reason
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Amount, Duration, Minutes, Number


def test_decimal_hours_become_minutes_and_rounding_is_said():
    assert Minutes("a", unit="hours").parse({"a": "2,25"}) == 135
    rounded = Minutes("a", unit="hours").parse({"a": "1,33"})
    assert (rounded.value, reason(rounded)) == (80, "translate.duration.rounded")
    assert Minutes("a").parse({"a": "0,5"}).value == 1


def test_a_negative_duration_is_a_fault():
    assert reason(Minutes("a").parse({"a": "-5"})) == "translate.duration.malformed"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("02:30", 150), ("1 h 30", 90), ("02h00", 120), ("2h", 120), ("45 min", 45), ("10:00:00", 600)],
)
def test_a_duration_is_read_in_its_usual_ways(text, minutes):
    assert Duration("a").parse({"a": text}) == minutes


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,5", "12.50"),
        ("1 234,50 €", "1234.50"),
        ("1\u202f234\u202f567,00", "1234567.00"),
        ("-0,00", "0.00"),
        ("-0,50", "-0.50"),
        ("007", "7.00"),
    ],
)
def test_an_amount_is_exact_and_canonical(text, amount):
    assert Amount("a").parse({"a": text}) == amount


@pytest.mark.parametrize("text", ["12,345", "12.50", "1 23,50", "1e3", "12,", ",5", "1234567890", "--1", "12,5 $", "٣"])
def test_an_amount_that_is_not_exact_to_the_cent_is_a_fault(text):
    assert reason(Amount("a").parse({"a": text})) == "translate.amount.malformed"


def test_a_number_has_no_useless_zeros_and_a_count_no_decimals():
    assert Number("a").parse({"a": "2,00"}) == "2"
    assert Number("a").parse({"a": "1,750"}) == "1.75"
    assert Number("a", integer=True).parse({"a": "1 200"}) == 1200
    assert reason(Number("a", integer=True).parse({"a": "1,5"})) == "translate.number.malformed"


@given(st.integers(0, 999_999), st.sampled_from([",", "."]))
def test_whole_minutes_come_back_from_hours_with_two_decimals(minutes, decimal):
    converter = Minutes("a", unit="hours", decimal=decimal)
    read = converter.parse(converter.render(minutes))
    assert getattr(read, "value", read) == minutes


@given(st.integers(-99_999_999_999, 99_999_999_999))
def test_every_amount_comes_back_to_the_cent_from_columns_too(cents):
    amount = f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02}"
    cells = Amount("a").render(amount)
    assert Amount("a").parse(cells) == amount
    assert read_columns(Amount("a"), cells["a"]) == [ROW_WISE if amount.startswith("-0") else amount]


@pytest.mark.parametrize(("text", "minutes"), [("02:30:29", 150), ("02:30:30", 151), ("00:59:59", 60)])
def test_half_a_minute_counts_as_a_whole_one_and_is_told(text, minutes):
    rounded = Duration("a").parse({"a": text})
    assert (rounded.value, reason(rounded)) == (minutes, "translate.duration.rounded")
    assert read_columns(Duration("a"), text) == [ROW_WISE]


@pytest.mark.parametrize("text", ["02:60", "2 h 60", "12345:00", "1:2", "h30", "-2h"])
def test_a_duration_that_no_clock_shows_is_a_fault(text):
    assert reason(Duration("a").parse({"a": text})) == "translate.duration.malformed"


def test_zeros_are_useless_behind_the_decimal_mark_only():
    assert read_columns(Number("a"), "100", "100,00", "1,500", "0") == ["100", "100", "1.5", "0"]
    assert [Number("a").parse({"a": text}) for text in ("100", "100,00", "1,500", "0,0")] == ["100", "100", "1.5", "0"]


@pytest.mark.parametrize(
    ("text", "is_read"), [("9999999", True), ("10000000", False), ("0,125", True), ("0,1250", True), ("0,1255", False)]
)
def test_a_quantity_has_seven_figures_and_three_decimals_at_most(text, is_read):
    assert isinstance(Number("a").parse({"a": text}), str) is is_read


@pytest.mark.parametrize("converter", [Minutes, Amount, Number])
def test_a_decimal_mark_is_a_comma_or_a_dot(converter):
    with pytest.raises(ValueError, match="decimal mark"):
        converter("a", decimal="٫")


def test_a_unit_of_time_that_is_not_known_is_refused_at_once():
    with pytest.raises(ValueError, match="unit"):
        Minutes("a", unit="days")


def test_two_decimals_of_an_hour_that_give_no_whole_minute_are_left_to_the_exact_way():
    assert read_columns(Minutes("a", unit="hours"), "2,25", "0,05", "1,33", "3") == [135, 3, ROW_WISE, 180]
