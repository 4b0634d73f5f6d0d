"""Formats of days and times: without leading zeros, with years of two digits of a stated century."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Date, Fault, PartialDate
from passerelle.stages.translate.converters.layouts import (
    compile_format,
    describe_expected,
    drop_parts,
    expand_year,
    read_layout,
    read_layouts,
)


@given(short=st.integers(0, 99), years_from=st.integers(1000, 2900))
def test_a_year_of_two_digits_always_lies_in_the_stated_hundred_years(short, years_from):
    year = expand_year(short, years_from)
    assert years_from <= year < years_from + 100
    assert year % 100 == short


@given(day=st.dates(date(1950, 1, 1), date(2049, 12, 31)))
def test_a_day_written_short_is_read_back(day):
    converter = Date("a", formats=("%-d/%-m/%y",), years_from=1950)
    assert converter.is_faithful
    assert converter.parse({"a": converter.render(day.isoformat())["a"]}) == day.isoformat()


def test_a_part_without_leading_zero_is_read_with_one_too_and_never_with_two_digits_too_many():
    converter = Date("a", formats=("%-d/%-m/%Y",))
    assert converter.parse({"a": "1/2/2024"}) == converter.parse({"a": "01/02/2024"}) == "2024-02-01"
    assert isinstance(converter.parse({"a": "001/2/2024"}), Fault)


def test_a_year_that_two_digits_cannot_stand_for_is_written_with_four():
    converter = Date("a", formats=("%d/%m/%y",), years_from=1950)
    assert converter.render("1949-05-01") == {"a": "01/05/1949"}
    assert converter.render("1950-05-01") == {"a": "01/05/50"}


def test_a_partial_day_with_two_digits_is_unknown_when_all_of_it_is_zero():
    converter = PartialDate("a", formats=("%d/%m/%y",), years_from=1925)
    cells = {"00/00/24": "2024", "00/05/24": "2024-05", "00/00/00": None, "05/24": "2024-05", "31/12/25": "1925-12-31"}
    assert {cell: converter.parse({"a": cell}) for cell in cells} == cells


def test_a_month_alone_is_read_where_the_format_begins_with_the_year():
    assert PartialDate("a", formats=("%Y-%m-%d",)).parse({"a": "2024-11"}) == "2024-11"
    assert drop_parts("%Y-%m-%d %H:%M", "HMSf") == "%Y-%m-%d"
    assert drop_parts("%d/%m/%Y", "d") == "%m/%Y"


def test_what_cannot_be_read_for_sure_is_refused_with_what_to_write():
    for form, words in {
        "%d/%m/%y": "years_from",
        "%-d%-m/%Y": "between",
        "%y/%d/%m/%Y": "twice",
        "%d/%B/%Y": "at most once",
        "%m/%Y": "whole day",
    }.items():
        years = None if form == "%d/%m/%y" else 1950
        with pytest.raises(ValueError, match=words):
            read_layout(form, years)
    with pytest.raises(ValueError, match="years_from"):
        read_layouts(("%d/%m/%y",), 50)


def test_the_example_of_a_fault_is_written_as_the_format_and_of_its_century():
    assert describe_expected(("%-d/%-m/%Y %-Hh%M",)) == {"expected": "31/12/2024 8h30"}
    assert describe_expected(("%d/%m/%y",), 1900) == {"expected": "31/12/00"}


def test_a_text_is_rewritten_at_fixed_places_or_is_null():
    layout = compile_format("%-d/%-m/%y %-Hh", 2000)
    frame = pl.DataFrame({"a": ["1/2/24 9h", "01/02/24 09h", "1/2/24 9h05", None]})
    assert layout.canonical.format == "%Y-%m-%dT%H:%M"
    expected = ["2024-02-01T09:00", "2024-02-01T09:00", None, None]
    assert frame.select(layout.rewrite(pl.col("a"))).to_series().to_list() == expected
    assert layout.write(datetime(2024, 2, 1, 9)) == "1/2/24 9h"  # noqa: DTZ001  only written
