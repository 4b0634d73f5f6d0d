"""The exact reader: where a record ends, the first thing that is wrong with it, and where good rows begin again."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.decode.cuts import Marks
from passerelle.stages.decode.walk import AFTER, FEW, LONG, MANY, OPEN, STRAY, Walker

MARKS = Marks(ord(";"), ord('"'))


def walk(data, width=2, *, limit=None, at_end=True, marks=MARKS):
    return Walker(data, len(data) if limit is None else limit, at_end, marks, width)


@pytest.mark.parametrize(
    ("data", "end", "width", "fault"),
    [
        (b"a;b\n", 4, 2, ""),
        (b"a;b", 3, 2, ""),
        (b'"a\nb";c\nd', 8, 2, ""),
        (b'"a""b";c\n', 9, 2, ""),
        (b'"a"\r\n', 5, 1, ""),
        (b'"a"\rb;c\n', 8, 2, AFTER),
        (b'"a"b;c\n', 7, 2, AFTER),
        (b'a"b;c\n', 6, 2, STRAY),
        (b'a"b;"c"d\n', 9, 2, STRAY),
        (b'a;"b\nc', 6, 2, OPEN),
        (b"", 0, 1, ""),
    ],
)
def test_a_record_ends_behind_its_line_end_and_the_first_fault_is_kept(data, end, width, fault):
    walked = walk(data).read_record(0)
    assert (walked.end, walked.width, walked.fault) == (end, width, fault)


@pytest.mark.parametrize("data", [b"a;b", b'a;"b'])
def test_a_record_that_the_limit_cuts_off_is_too_long_unless_nothing_follows(data):
    walked = walk(data + b"more", limit=len(data), at_end=False).read_record(0)
    assert (walked.fault, walked.closed) == (LONG, False)


def test_without_a_quote_quotes_are_text():
    walked = walk(b'"a;b"\n', marks=Marks(ord(";"), -1)).read_record(0)
    assert (walked.end, walked.width, walked.fault) == (6, 2, "")


@pytest.mark.parametrize(
    ("data", "span"),
    [
        (b"a\nc;d\n", (2, FEW, 1)),
        (b"a;b;c\nd;e\n", (6, MANY, 3)),
        (b'a"b;c\nd;e\n', (6, STRAY, 2)),
        # never closed: the lines inside are rows
        (b'a;"b\nc;d\ne;f\n', (5, OPEN, 2)),
        # closed late, and the last line inside is a row by itself
        (b'a;"b\nc;"d"\ne;f\n', (5, AFTER, 2)),
        # no good row in sight
        (b'a;"b\nc\nd\n', (9, OPEN, 2)),
    ],
)
def test_a_broken_record_ends_where_good_rows_begin_again(data, span):
    end, fault, width = walk(data).find_span(0)
    assert (end, width) == (span[0], span[2])
    assert fault in {span[1], OPEN}


def test_a_last_line_that_the_limit_cuts_off_is_left_to_the_next_block():
    data = b'a;"b\nc\nd;e'
    assert walk(data, at_end=False).find_span(0)[0] == len(b'a;"b\nc\n')
    assert walk(data, at_end=True).find_span(0)[0] == 7


@given(st.lists(st.lists(st.text('a;"\n é', max_size=4), min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_a_strict_writer_wrote_is_read_without_fault_record_by_record(rows):
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    data, place, widths = text.getvalue().encode(), 0, []
    while place < len(data):
        walked = walk(data).read_record(place)
        assert walked.fault == ""
        place = walked.end
        widths.append(walked.width)
    assert widths == [len(row) for row in rows]


@given(st.lists(st.sampled_from([b"a", b";", b"\n", b'"', b"\r\n"]), min_size=1, max_size=14).map(b"".join))
def test_a_broken_span_always_moves_on_and_never_ends_within_a_line(data):
    end, fault, _width = walk(data).find_span(0)
    assert 0 < end <= len(data)
    assert end == len(data) or data[end - 1 : end] == b"\n"
    assert fault
