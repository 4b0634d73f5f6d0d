"""Cells as converters read them: stripped, null where they say nothing, and the conditions that choose rows."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.stages.translate.cells import contain_words, keep_verbatim, match_conditions, prepare_cells
from passerelle.stages.translate.table import Where


def test_a_word_for_nothing_is_null_only_when_it_is_the_whole_cell():
    frame = pl.DataFrame({"a": [" NC ", "NC", "NC 12", "nc", "\u00a0", "", None]})
    assert prepare_cells(frame, ("a",), ("NC",))["a"].to_list() == [None, None, "NC 12", "nc", None, None, None]


def test_a_mark_of_a_spreadsheet_is_unwrapped_before_its_content_is_compared():
    frame = pl.DataFrame({"a": ['="NC"', '=" 01000 "', '=""']})
    assert prepare_cells(frame, ("a",), ("NC",))["a"].to_list() == [None, "01000", None]


def test_what_is_carried_keeps_its_spaces_and_loses_only_what_says_nothing():
    frame = pl.DataFrame({"a": [" x ", " NC ", "\u200b", ""]})
    assert frame.select(keep_verbatim("a", ("NC",)))["a"].to_list() == [" x ", None, None, None]


def test_a_row_holds_a_word_when_one_of_its_cells_does():
    frame = pl.DataFrame({"a": ["x", " néant ", None], "b": ["y", "z", "néant"]})
    assert frame.select(contain_words(["a", "b"], ["néant"])).to_series().to_list() == [False, True, True]
    assert frame.select(contain_words([], ["néant"])).to_series().to_list() == [False]


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ((), [True]),
        ((Where("t", ("A", "B")),), [True, True, False, False]),
        ((Where("t", ("A",), negated=True),), [False, True, True, True]),
        ((Where("t", ("A", "B")), Where("u", ("1",))), [True, False, False, False]),
    ],
)
def test_every_condition_must_hold_and_a_cell_that_is_not_there_holds_no_value(where, rows):
    frame = pl.DataFrame({"t": [" A", "B", "C", None], "u": ["1", "2", "1", "1"]})
    assert frame.select(match_conditions(where)).to_series().to_list() == rows
