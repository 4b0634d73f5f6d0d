"""Lines cut by the places of their characters."""

from __future__ import annotations

import io
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode.decoding import decode, peek
from passerelle.stages.decode.dialects import FixedWidth
from passerelle.stages.decode.fixed_width import write_lines

COLUMNS = {"Id": (1, 4), "Nom": (5, 12), "Jour": (15, 22)}


def read(text: str, **rules):
    stream = io.BytesIO(text.encode(rules.get("encoding") or "utf-8"))
    dialect = FixedWidth(columns=COLUMNS, **rules)
    return list(decode(stream, dialect, block_bytes=1 << 20, block_rows=100, open_workbook=open_rows))


def test_each_cell_is_what_stands_at_its_place_without_the_spaces_around():
    (batch,) = read("0001LEFÈVRE   04112024\n   2Zoé       05112024\n")
    assert batch.table.frame.rows() == [("0001", "LEFÈVRE", "04112024"), ("2", "Zoé", "05112024")]
    assert batch.table.lines.to_list() == [1, 2]


def test_what_stands_in_no_column_is_carried_where_it_is_filled():
    (batch,) = read("0001LEFÈVRE XX04112024 fin\n")
    assert batch.table.frame.row(0, named=True) == {
        "Id": "0001", "Nom": "LEFÈVRE", "Jour": "04112024", "#13-14": "XX", "#23-": "fin",
    }  # fmt: skip


def test_a_line_that_breaks_off_is_set_aside_with_its_text_unless_lines_are_stripped():
    text = "0001LEFÈVRE   04112024\n0002DUP\n"
    (batch,) = read(text)
    (item,) = batch.aside
    assert (item.reason, item.place.line, item.raw) == ("decode.row.too_short", 2, "0002DUP")
    assert item.details == {"found": "7", "expected": "15"}
    (batch,) = read(text, stripped=True)
    assert batch.table.frame.rows()[1] == ("0002", "DUP", "")


def test_separators_and_quotes_are_letters_like_others_and_the_encoding_is_read_as_declared():
    (batch,) = read('0001LE;"F\tÉ   04112024\n'.replace("\t", " "), encoding="cp1252")
    assert batch.table.frame["Nom"].to_list() == ['LE;"F É']
    assert batch.aside == ()


def test_an_export_without_lines_is_parked_and_its_columns_are_known_before_rows():
    assert peek(io.BytesIO(b"0001\n"), FixedWidth(columns=COLUMNS, skip_lines=1), open_rows) == {"": tuple(COLUMNS)}


cells = st.text(string.ascii_letters + "éÈ", max_size=4)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, cells)), min_size=1, max_size=5))
def test_lines_that_were_written_are_read_back(rows):
    batches = read(write_lines(COLUMNS, rows))
    found = [row for batch in batches for row in batch.table.frame.select(list(COLUMNS)).rows(named=True)]
    assert found == rows


@pytest.mark.parametrize("places", [{"A": (1, 3), "B": (2, 4)}])
def test_columns_may_overlap_where_lines_are_of_several_kinds(places):
    stream = io.BytesIO(b"abcd\n")
    (batch,) = decode(stream, FixedWidth(columns=places), block_bytes=100, block_rows=10, open_workbook=open_rows)
    assert batch.table.frame.rows() == [("abc", "bcd")]


def test_what_one_line_alone_has_beside_the_columns_is_carried():
    (batch,) = read("0001LEFÈVRE   04112024\n0002DUPONT  XX05112024\n")
    assert batch.table.frame["#13-14"].to_list() == ["", "XX"]
