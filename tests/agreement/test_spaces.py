"""What polars strips by itself is what the cells are stripped of, but for spaces without width."""

from __future__ import annotations

import sys

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate.cells import SPACES, ZERO_WIDTH, prepare_cells


def test_polars_strips_all_white_space_that_has_a_width():
    every = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    stripped = pl.Series(every).str.strip_chars()
    assert set(stripped.filter(stripped == "")) == {""}
    assert {sign for sign, left in zip(every, stripped, strict=True) if not left} == set(SPACES) - set(ZERO_WIDTH)


CELLS = st.lists(st.text(st.sampled_from([*SPACES, "a", "é", "N", "C"]), max_size=6) | st.none(), min_size=1)


@given(CELLS, st.sampled_from([(), ("",), ("", "NC"), ("NC", "a")]))
def test_cells_are_the_same_by_either_way(cells, words):
    frame = pl.DataFrame({"a": cells}, schema={"a": pl.String})
    zero_width = any(sign in cell for cell in cells if cell for sign in ZERO_WIDTH)
    sure = prepare_cells(frame, ("a",), words)
    assert prepare_cells(frame, ("a",), words, zero_width=zero_width).equals(sure)
    expected = [(cell or "").strip(SPACES) for cell in cells]
    assert sure["a"].to_list() == [None if cell == "" or cell in words else cell for cell in expected]
