"""What all converters share: cells that say nothing, sureness of columns, steps computed once."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.stages.translate.converter import (
    ColumnarTranslation,
    Doubtful,
    Fault,
    mark_plain,
    merge_steps,
    read_cell,
    unwrap_doubtful,
)

FRAME = pl.DataFrame({"a": ["x", None, "?"], "b": [None, None, "y"]})


@pytest.mark.parametrize("row", [{}, {"a": None}, {"a": ""}])
def test_an_empty_cell_and_one_that_does_not_exist_are_the_same_nothing(row):
    assert read_cell(row, "a") is None


def test_without_a_mask_columns_are_sure_where_there_is_a_value_or_nothing_to_read():
    columnar = ColumnarTranslation(pl.when(pl.col("a") != "?").then(pl.col("a")))
    assert FRAME.select(mark_plain(columnar, ("a", "b"))).to_series().to_list() == [True, True, False]


def test_a_mask_that_does_not_know_is_not_sure():
    columnar = ColumnarTranslation(pl.col("a"), pl.col("b") == "y")
    assert FRAME.select(mark_plain(columnar, ("a",))).to_series().to_list() == [False, False, True]


def test_steps_of_the_same_name_are_computed_once_and_stay_in_their_order():
    day, nth, other = pl.lit("day"), pl.lit("nth"), pl.lit("other")
    one = ColumnarTranslation(pl.col("nth"), steps=({"day": day}, {"nth": nth}))
    two = ColumnarTranslation(pl.col("day"), steps=({"day": day, "other": other},))
    assert [list(step) for step in merge_steps([one, two])] == [["day", "other"], ["nth"]]
    assert merge_steps([]) == ()


def test_only_a_doubt_is_taken_off_a_value():
    fault = Fault("r", "a")
    assert [unwrap_doubtful(one) for one in (Doubtful("v", "r", "a"), fault, None, "v")] == ["v", fault, None, "v"]


def test_a_doubt_may_be_logged_because_it_does_not_show_its_value():
    assert "Zz-canari-zZ" not in repr(Doubtful("Zz-canari-zZ", "translate.date.with_time", "a"))
