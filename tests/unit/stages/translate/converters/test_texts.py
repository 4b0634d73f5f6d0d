"""Texts: tidied, never cut, and joined without holes."""

from __future__ import annotations

import polars as pl
import pytest
from converter_outcomes import ROW_WISE, read_columns, reason
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Joined, Text
from passerelle.stages.translate.converters.texts import is_tidy, tidy


def test_a_text_is_never_cut_and_holds_no_control_character():
    assert Text("a").parse({"a": "un\r\ndeux\rtrois"}) == "un\ndeux\ntrois"
    assert Text("a", collapse=True).parse({"a": "un \n deux"}) == "un deux"
    assert reason(Text("a", max_length=3).parse({"a": "quatre"})) == "translate.text.too_long"
    assert reason(Text("a").parse({"a": "a\x00b"})) == "translate.text.control"
    assert reason(Text("a").parse({"a": "a\ufffdb"})) == "translate.text.control"


@given(st.text(st.sampled_from("ab é\r\n\t\x00\x85\u00a0\ufffd"), max_size=8))
def test_what_columns_find_tidy_is_what_tidying_leaves_as_it_is(text):
    sure = pl.select(is_tidy(pl.lit(text))).item()
    assert not sure or tidy(text, "a") == text
    assert sure or tidy(text, "a") != text


@pytest.mark.parametrize(("length", "is_read"), [(255, True), (256, False)])
def test_a_text_is_as_long_as_its_field_in_characters_not_in_bytes(length, is_read):
    text = "é" * length
    assert (Text("a").parse({"a": text}) == text) is is_read
    assert (read_columns(Text("a"), text) == [text]) is is_read


def test_a_limit_is_told_and_zero_is_none():
    assert tidy("x" * 300, "a") == "x" * 300
    assert tidy("x" * 300, "a", max_length=299).details == {"limit": "299"}


def test_white_space_that_is_collapsed_is_left_to_the_exact_way():
    cells = ("un deux", "un  deux", "un\u00a0deux", "un\tdeux")
    assert read_columns(Text("a", collapse=True), *cells) == ["un deux", ROW_WISE, ROW_WISE, ROW_WISE]
    assert [Text("a", collapse=True).parse({"a": cell}) for cell in cells] == ["un deux"] * 4


def test_joined_columns_leave_no_hole_where_one_is_empty():
    joined = Joined(("a", "b", "c"), separator=", ")
    assert joined.parse({"a": "un", "b": None, "c": "trois"}) == "un, trois"
    assert joined.parse({"a": None, "b": "", "c": None}) is None
    assert read_columns(joined, ("un", None, "trois"), (None, None, None)) == ["un, trois", None]


def test_a_joined_text_of_which_one_part_is_untidy_is_a_fault_of_the_first_column():
    fault = Joined(("a", "b")).parse({"a": "un", "b": "x\x00"})
    assert (reason(fault), fault.column) == ("translate.text.control", "a")
