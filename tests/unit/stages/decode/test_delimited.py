"""Delimited text: every row is exact or set aside with its lines."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode.cuts import MAX_RECORD
from passerelle.stages.decode.decoding import decode, peek
from passerelle.stages.decode.dialects import Csv
from passerelle.vocabulary.errors import ParcelError

SIZES = (1, 3, 7, 16, 64, 1 << 20)
FEW, MANY = "decode.row.too_few_cells", "decode.row.too_many_cells"
STRAY, AFTER = "decode.row.stray_quote", "decode.row.text_after_quote"
OPEN, LONE, LONG = "decode.row.quote_not_closed", "decode.row.lone_return", "decode.row.too_long"


def test_lines_are_exact_after_quoted_line_breaks_blank_lines_and_mixed_line_ends(outcome):
    data = b'a;b\r\n\r\n1;"x\ny"\n\n2;"u\r\nv"\r\n3;w'
    found = outcome(data, Csv())
    assert found.rows == [("1", "x\ny"), ("2", "u\r\nv"), ("3", "w")]
    assert found.lines == [3, 6, 8]
    assert not found.aside


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (b"1;2", FEW),
        (b"1;2;3;4", MANY),
        (b'1;2"2;3', STRAY),
        (b'1;"2"2;3', AFTER),
        (b'1;"2;3', OPEN),
        (b"1;2\r2;3", LONE),
        (b"1;2\x002;3", "decode.text.nul"),
        ("1;2\ufffd2;3".encode(), "decode.text.replaced"),
        ("1;2\u00852;3".encode(), "decode.text.control"),
        ("1;Mme Ã©lodie;3".encode(), "decode.text.mojibake"),
        ("1;lâ€™aide;3".encode(), "decode.text.mojibake"),
        (b"1;2\xff2;3", "decode.text.replaced"),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_a_broken_row_costs_that_row_only(outcome, row, fault, size):
    data = b"a;b;c\n" + "é;é;é\n".encode() * 3 + row + b"\n" + b'x;"y";z\n'
    found = outcome(data, Csv(), block_bytes=size)
    assert found.rows == [("é", "é", "é")] * 3 + [("x", "y", "z")]
    assert found.lines == [2, 3, 4, 6]
    assert found.faults == [(fault, 5, 0)]
    assert found.aside[0].raw == row.decode("utf-8", "replace")


def test_too_few_and_too_many_say_how_many_cells(outcome):
    found = outcome(b"a;b\n1\n1;2;3\n", Csv())
    assert [item.details for item in found.aside] == [{"found": "1", "expected": "2"}, {"found": "3", "expected": "2"}]


def test_a_short_and_a_long_row_do_not_cancel_out(outcome):
    found = outcome(b"a;b;c\n1;2\n1;2;3;4\n5;6;7\n", Csv())
    assert found.rows == [("5", "6", "7")]
    assert found.faults == [(FEW, 2, 0), (MANY, 3, 0)]


def test_a_separator_missing_before_a_quoted_cell_never_makes_a_row_of_the_right_width(outcome):
    found = outcome(b'a,b,c\n1,x"y,z",3\n4,5,6\n', Csv(delimiter=","))
    assert found.rows == [("4", "5", "6")]
    assert [fault for fault, _line, _last in found.faults] == [STRAY]


def test_a_quote_never_closed_is_cut_at_the_next_good_row_and_is_one_item(outcome):
    data = b'a;b\n1;2\n3;"n\nfour\nfive\n6;7\n8;9\n'
    found = outcome(data, Csv())
    assert found.rows == [("1", "2"), ("6", "7"), ("8", "9")]
    assert found.faults == [(OPEN, 3, 5)]
    assert found.aside[0].raw == '3;"n\nfour\nfive'


def test_a_stray_opening_quote_does_not_swallow_the_rows_up_to_the_next_quote(outcome):
    rows = b"".join(b"%d;x;y\n" % number for number in range(50))
    data = b'a;b;c\n1;"x;y\n' + rows + b'z;"q";z\n'
    found = outcome(data, Csv())
    assert len(found.rows) == 51
    assert found.faults == [(OPEN, 2, 0)]


def test_the_tail_of_a_broken_cell_with_line_breaks_does_not_become_rows(outcome):
    data = b'a;b;c\n1;x"broken\nlooks;like;a row\nend";2\n3;4;5\n'
    found = outcome(data, Csv())
    assert found.rows == [("3", "4", "5")]
    assert found.faults == [(STRAY, 2, 4)]


def test_a_repeated_name_is_counted_and_a_missing_one_is_its_position(outcome):
    found = outcome(b'Motif; Motif ;"Nom\r\n de\tnaissance";;Motif#2;_row\n1;2;3;4;5;6\n', Csv())
    assert found.columns == ["Motif", "Motif#2", "Nom de naissance", "#4", "Motif#2#2", "_row#2"]


def test_a_file_with_only_a_header_gives_one_batch_without_rows(outcome):
    for data in (b"a;b", b"a;b\r\n", b"\n\na;b\n\n\n"):
        found = outcome(data, Csv())
        assert [batch.table.frame.shape for batch in found.batches] == [(0, 2)]
        assert found.batches[0].received == 0


def test_quoted_returns_and_quotes_are_text(outcome):
    found = outcome(b'a;b\r\n"x\ry";"\r\n"\r\n"""";""""""\r\n', Csv())
    assert found.rows == [("x\ry", "\r\n"), ('"', '""')]
    assert found.lines == [2, 4]


def test_banner_lines_are_skipped_and_counted(outcome):
    found = outcome(b'Export "du jour\n\na;b\n1;2\n', Csv(skip_lines=2))
    assert (found.rows, found.lines) == ([("1", "2")], [4])


def test_a_file_without_header_takes_the_declared_names(outcome):
    found = outcome(b"1|2\n3|4\n", Csv(delimiter="|", header=("x", "y")))
    assert (found.columns, found.rows, found.lines) == (["x", "y"], [("1", "2"), ("3", "4")], [1, 2])


def test_without_quoting_quotes_are_text(outcome):
    found = outcome(b'a;b\n"1;2"\n3;"\n', Csv(quote=""))
    assert found.rows == [('"1', '2"'), ("3", '"')]


def test_one_column_tells_an_empty_cell_from_a_blank_line(outcome):
    found = outcome(b'a\n1\n\n""\n2\n', Csv())
    assert (found.rows, found.lines) == ([("1",), ("",), ("2",)], [2, 4, 5])


def test_an_empty_cell_is_empty_text_and_words_for_null_stay_words(outcome):
    found = outcome(b'a;b;c\n;"";NULL\n', Csv())
    assert found.rows == [("", "", "NULL")]


def test_a_byte_order_mark_inside_the_file_stays_part_of_its_cell(outcome):
    data = "a;b\n\ufeff1;2\n\ufeff3;4\n".encode()
    for size in SIZES:
        assert outcome(data, Csv(), block_bytes=size).rows == [("\ufeff1", "2"), ("\ufeff3", "4")]


def test_skipped_batches_keep_their_numbers(outcome):
    data = b"a;b\n" + b"".join(b"%d;x\n" % number for number in range(40))
    whole = outcome(data, Csv(), block_bytes=32).batches
    assert len(whole) > 3
    skip = {0, 2}
    some = list(decode(io.BytesIO(data), Csv(), block_bytes=32, block_rows=1, open_workbook=open_rows, skip=skip))
    assert [batch.number for batch in some] == [batch.number for batch in whole if batch.number not in skip]
    assert [batch.table.frame.rows() for batch in some] == [
        batch.table.frame.rows() for batch in whole if batch.number not in skip
    ]


def test_progress_never_goes_back_and_ends_at_the_size_of_the_parcel(outcome):
    data = b"a;b\n" + "é;x\n".encode() * 100
    consumed = [batch.consumed for batch in outcome(data, Csv(), block_bytes=64).batches]
    assert consumed == sorted(consumed)
    assert consumed[-1] == len(data)


@pytest.mark.parametrize("data", [b"", b"\n\r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_nothing_but_blank_lines_parks_the_parcel(outcome, data):
    with pytest.raises(ParcelError) as refusal:
        outcome(data, Csv())
    assert refusal.value.code == "decode.parcel.empty"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'a;"b\n1;2\n', "decode.header.unreadable"),
        (b'a;"b"c\n1;2\n', "decode.header.unreadable"),
        (b"a;b\x00\n1;2\n" + b"x;y\n" * 50, "decode.header.unreadable"),
        (";".join(f"c{n}" for n in range(5000)).encode() + b"\n", "decode.header.too_wide"),
        (b"PK\x03\x04rest", "decode.parcel.not_declared"),
        (b"%PDF-1.7\n", "decode.parcel.not_declared"),
        (bytes(range(32)) * 40 + b"\0" * 500, "decode.parcel.not_declared"),
    ],
)
def test_what_is_not_a_table_parks_the_parcel(outcome, data, code):
    with pytest.raises(ParcelError) as refusal:
        outcome(data, Csv())
    assert refusal.value.code == code


@pytest.mark.parametrize("size", [1 << 10, 8 << 20])
def test_a_huge_cell_is_one_item_and_the_rows_around_it_stay(outcome, size):
    data = b'a;b\n1;2\n3;"' + b"x" * (MAX_RECORD + 6_000_000) + b'"\n4;5\n6;7\n'
    found = outcome(data, Csv(), block_bytes=size)
    assert found.rows == [("1", "2"), ("4", "5"), ("6", "7")]
    assert found.lines == [2, 4, 5]
    assert found.faults == [(LONG, 3, 0)]


def test_peek_gives_the_names_without_reading_rows():
    assert peek(io.BytesIO(b"a;b\n1\n"), Csv(), open_rows) == {"": ("a", "b")}


CELL = st.lists(st.sampled_from([*'ab;,|\t"\n é€', "\r\n"]), max_size=6).map("".join)


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, ...]], list[int], str]:
    """A table as `csv` writes it, with blank lines anywhere, its rows and the line where each begins."""
    width = draw(st.integers(1, 4))
    delimiter = draw(st.sampled_from(";,|\t"))
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    rows = draw(st.lists(st.tuples(*[CELL] * width), max_size=12))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerow([f"c{place}" for place in range(width)])
    lines = []
    for row in rows:
        text.write(draw(st.sampled_from(["", "", "", "\n", "\r\n\n"])))
        lines.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    whole = text.getvalue()
    if rows and draw(st.booleans()):
        whole = whole.removesuffix(line_end)
    return whole.encode(), rows, lines, delimiter


@given(table=tables(), size=st.sampled_from(SIZES))
@settings(max_examples=count_examples(200), deadline=None)
def test_whatever_is_written_comes_back_with_its_lines_wherever_it_is_cut(outcome, table, size):
    data, rows, lines, delimiter = table
    found = outcome(data, Csv(delimiter=delimiter), block_bytes=size)
    assert found.rows == rows
    assert found.lines == lines
    assert not found.aside


@given(text=st.text(alphabet='ab;"\n\r', max_size=60), width=st.integers(1, 3), size=st.sampled_from(SIZES))
@settings(max_examples=count_examples(300), deadline=None)
def test_whatever_comes_the_place_of_the_cuts_changes_nothing_and_no_line_is_lost(outcome, text, width, size):
    data = ";".join("xyz"[:width]).encode() + b"\n" + text.encode()
    whole, cut = outcome(data, Csv()), outcome(data, Csv(), block_bytes=size)
    assert (whole.rows, whole.lines, whole.faults) == (cut.rows, cut.lines, cut.faults)
    covered = set(whole.lines)
    for _fault, first, last in whole.faults:
        covered |= set(range(first, (last or first) + 1))
    for row, line in zip(whole.rows, whole.lines, strict=True):
        covered |= set(range(line, line + "".join(row).count("\n") + 1))
    blank = {number for number, part in enumerate(data.split(b"\n"), start=1) if part in {b"", b"\r"}}
    assert covered | blank >= set(range(2, data.count(b"\n") + 2))


WORD = st.text(alphabet="abc é'", min_size=1, max_size=5)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, ...]], int]:
    """A table of words, some quoted, with one character put into or taken out of one row."""
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.tuples(*[WORD] * width), min_size=3, max_size=10))
    quoted = draw(st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=10, max_size=10))
    texts = [
        ";".join(f'"{cell}"' if mark else cell for cell, mark in zip(row, marks, strict=True))
        for row, marks in zip(rows, quoted, strict=False)
    ]
    victim = draw(st.integers(0, len(rows) - 1))
    text = texts[victim]
    place = draw(st.integers(0, len(text)))
    kind = draw(st.sampled_from(["quote", "separator", "missing"]))
    if kind == "missing":
        texts[victim] = text.replace(";", "", 1)
    else:
        texts[victim] = text[:place] + ('"' if kind == "quote" else ";") + text[place:]
    header = ";".join(f"c{number}" for number in range(width))
    return "\n".join([header, *texts, ""]).encode(), rows, victim


@given(table=damaged(), size=st.sampled_from(SIZES))
@settings(max_examples=count_examples(300), deadline=None)
def test_one_damaged_row_is_never_taken_for_another_and_costs_at_most_one_good_row(outcome, table, size):
    data, rows, victim = table
    found = outcome(data, Csv(), block_bytes=size)
    expected = {line: row for line, row in enumerate(rows, start=2) if line != victim + 2}
    accepted = dict(zip(found.lines, found.rows, strict=True))
    accepted.pop(victim + 2, None) if _only_moved(data, victim) else None
    assert accepted.items() <= expected.items()
    assert len(expected) - len(accepted) <= 1


def _only_moved(data: bytes, victim: int) -> bool:
    """Say whether a strict reader takes the damaged line by itself for a row: a separator in quotes is only text."""
    line = data.decode().split("\n")[victim + 1]
    width = data.split(b"\n")[0].count(b";") + 1
    try:
        cells = next(csv.reader([line], delimiter=";", strict=True))
    except csv.Error:
        return False
    return len(cells) == width and ('"' in line)
