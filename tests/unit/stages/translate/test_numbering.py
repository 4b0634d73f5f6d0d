"""Telephone numbers of the French plan, its overseas departments, and other countries."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate.converters.numbering import (
    DIALLING_CODES,
    FRANCE,
    normalise_number,
    parse_numbers,
    write_number,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0612345678", "+33612345678"),
        ("612345678.0", "+33612345678"),
        ("692123456.0", "+262692123456"),
        ("612345678", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("+33 06 12 34 56 78", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("692123456", "+262692123456"),
        ("00262692123456", "+262692123456"),
        ("+2620692123456", "+262692123456"),
        ("+33692123456", "+262692123456"),
        ("0263 12 34 56", "+262263123456"),
        ("0269 61 12 34", "+262269611234"),
        ("0639 26 27 28", "+262639262728"),
        ("0639 98 12 34", "+33639981234"),
        ("0691 12 34 56", "+590691123456"),
        ("0590 12 34 56", "+590590123456"),
        ("0694 12 34 56", "+594694123456"),
        ("0697 12 34 56", "+596697123456"),
        ("0596 12 34 56", "+596596123456"),
        ("0508 41 12 34", "+508411234"),
        ("0708 12 34 56", "+508708123456"),
        ("0709 01 23 45", "+590709012345"),
        ("0709 11 23 45", "+596709112345"),
        ("0709 21 23 45", "+262709212345"),
        ("0709 34 23 45", "+33709342345"),
        ("0709 31 23 45", "+594709312345"),
        ("0709 36 23 45", "+262709362345"),
        ("+32 471 23 45 67", "+32471234567"),
        ("3919", None),
        ("06 12 34", None),
    ],
)
def test_a_french_number_has_the_code_of_where_it_belongs(text, number):
    assert normalise_number(text, FRANCE) == number


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True), st.sampled_from(sorted(set(DIALLING_CODES.values()))))
def test_columns_read_a_number_as_rows_do_and_it_is_written_as_it_is_dialled(text, country):
    value, plain = parse_numbers(pl.col("a"), country)
    columns = pl.DataFrame({"a": [text]}).select(value.alias("value"), plain.alias("plain"))
    number = normalise_number(text, country)
    assert number is not None
    assert not columns["plain"][0] or columns["value"][0] == number
    assert normalise_number(write_number(number, country), country) == number
    assert country != FRANCE or write_number(number, country) == text


@pytest.mark.parametrize(("country", "number"), [("39", "+390612345678"), ("32", "+32612345678")])
def test_only_italy_keeps_the_first_zero_behind_its_dialling_code(country, number):
    value, plain = parse_numbers(pl.col("a"), country)
    columns = pl.DataFrame({"a": ["0612345678"]}).select(value.alias("value"), plain.alias("plain"))
    assert columns.row(0) == (number, True)
    assert normalise_number("06 12 34 56 78", country) == number
    assert write_number(number, country) == "0612345678"
