"""No cell of a CSV file is run by a spreadsheet, and each is read again as it was."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.vocabulary.spreadsheet_cells import quote_formula, quote_formulas, read_quoted

TEXTS = st.text(st.sampled_from("'=+-@\t\r\n01 .,(a\uff1d\u00a0")) | st.text()


@given(TEXTS)
def test_what_was_quoted_is_read_as_it_was(text):
    assert read_quoted(quote_formula(text)) == text


@given(st.lists(TEXTS | st.none(), min_size=1))
def test_columns_are_quoted_as_single_texts(texts):
    table = pl.DataFrame({"a": texts, "n": range(len(texts))}, schema_overrides={"a": pl.String})
    expected = [None if text is None else quote_formula(text) for text in texts]
    assert quote_formulas(table).get_column("a").to_list() == expected
    assert quote_formulas(table).get_column("n").to_list() == list(range(len(texts)))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1-2", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "- aide au lever", "＝1", "-a"]
)
def test_what_would_run_is_quoted(text):
    assert quote_formula(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["-12", "-12,50", "+33 6 12 34 56 78", "+33(0)612345678", "-1\u202f234.5", "a=1", "'quoted'", "007", ""]
)
def test_numbers_and_telephones_stay_as_they_are(text):
    assert quote_formula(text) == text
