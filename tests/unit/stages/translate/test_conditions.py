"""Conditions on rows, written as they are read."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Where
from passerelle.stages.translate.cells import match_conditions

FRAME = pl.DataFrame({"a": ["RDV", " Pause ", "TOTAL général", "", None], "b": [None, "x", "", " ", None]})


def rows(*where: Where) -> list[int]:
    return FRAME.select(match_conditions(where).alias("mine")).to_series().arg_true().to_list()


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Where.equals("a", "RDV", "Pause"), [0, 1]),
        (Where.other_than("a", "RDV", "Pause"), [2, 3, 4]),
        (Where.begins("a", "total", "sous-total"), [2]),
        (Where.begins("a", "(", "rd"), [0]),
        (Where.holds("a"), [0, 1, 2]),
        (Where.empty("a"), [3, 4]),
        (Where.holds("a", "b"), [0, 1, 2]),
        (Where.holds("b"), [1]),
        (Where.empty("a", "b"), [3, 4]),
    ],
)
def test_a_condition_says_which_rows_meet_it(where, expected):
    assert rows(where) == expected


def test_only_a_list_of_words_says_what_the_cell_is():
    assert Where.equals("a", "x").only_value == "x"
    others = (Where.equals("a", "x", "y"), Where.other_than("a", "x"), Where.begins("a", "x"), Where.holds("a"))
    assert [one.only_value for one in others] == [None] * 4
    assert Where.holds("a", "b").columns == ("a", "b")


@given(st.lists(st.sampled_from(["RDV", "Pause", "", "x"]), min_size=1, max_size=3))
def test_other_than_takes_exactly_the_rows_that_equals_leaves(values):
    both = rows(Where.equals("a", *values)) + rows(Where.other_than("a", *values))
    assert sorted(both) == list(range(FRAME.height))
