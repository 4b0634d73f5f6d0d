"""Merged cells below a header: repeated where that is declared, a doubt where it is not, at the price of the width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.decode.merged import MergedCells


def merge(*ranges, header_row=1, width=3):
    return MergedCells.of(ranges, header_row, width)


def fill(merged, rows, first=2):
    """Return the rows with the values of merged cells written into them."""
    written = [list(row) for row in rows]
    for number, row in enumerate(written, first):
        merged.repeat(number, row)
    return written


def test_only_what_begins_below_the_header_and_within_its_columns_counts():
    merged = merge(((0, 0), (3, 0)), ((1, 3), (2, 3)), ((1, 1), (2, 9)))
    assert merged.starts == {2: [(1, 2, 3)]}


def test_a_value_reaches_as_far_as_its_cells_and_no_further():
    rows = [["a", "", "x"], ["", "", "y"], ["", "", "z"]]
    assert fill(merge(((1, 0), (2, 1))), rows) == [["a", "a", "x"], ["a", "a", "y"], ["", "", "z"]]


def test_what_stands_in_a_covered_cell_all_the_same_is_not_overwritten():
    assert fill(merge(((1, 0), (2, 0))), [["a", "", ""], ["b", "", ""]]) == [["a", "", ""], ["b", "", ""]]


def test_of_ranges_that_overlap_the_first_counts():
    assert fill(merge(((1, 0), (1, 1)), ((1, 0), (1, 2)), ((1, 1), (1, 2))), [["a", "", ""]]) == [["a", "a", ""]]


def test_a_row_shorter_than_the_range_is_not_made_longer():
    assert fill(merge(((1, 0), (2, 2))), [["a"], [""]]) == [["a"], ["a"]]


def test_a_doubt_is_told_once_a_column_with_its_first_row_and_how_many_hold_a_value():
    merged = merge(((1, 0), (2, 0)), ((3, 0), (4, 0)), ((5, 0), (6, 0)), ((1, 2), (2, 2)))
    for number, cells in ((2, ["a", "", "b"]), (4, ["", "", ""]), (6, ["c", "", ""])):
        merged.count(number, cells)
    told = [
        (one.place.line, one.place.column, one.details["count"]) for one in merged.list_doubts("m", ("A", "B", "C"))
    ]
    assert told == [(2, "A", "2"), (2, "C", "1")]
    assert {one.place.member for one in merged.list_doubts("m", ("A", "B", "C"))} == {"m"}


RANGE = st.tuples(st.integers(1, 4), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)).map(
    lambda corner: ((corner[0], corner[1]), (corner[0] + corner[2], corner[1] + corner[3]))
)


@given(
    st.lists(RANGE, max_size=4), st.lists(st.lists(st.sampled_from(["", "a", "b"]), min_size=3, max_size=3), max_size=6)
)
def test_repeating_fills_empty_cells_with_values_of_the_sheet_and_changes_nothing_else(ranges, rows):
    written = fill(merge(*ranges), rows)
    for before, after in zip(rows, written, strict=True):
        assert len(before) == len(after)
        assert all(new == old or (old == "" and new in {"a", "b"}) for old, new in zip(before, after, strict=True))
