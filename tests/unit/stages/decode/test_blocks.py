"""Blocks of delimited text: any block size gives the same records and lines, and what is broken costs no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.decode import blocks, cuts
from passerelle.stages.decode.blocks import Buffer, Cutter, check_records
from passerelle.stages.decode.cuts import Marks
from passerelle.vocabulary.errors import ParcelError

MARKS = Marks(ord(";"), ord('"'))


class Trickle:
    """A source that returns a few bytes at a time, whatever is asked for."""

    def __init__(self, data, piece=3):
        self.data, self.piece, self.behind = data, piece, 0

    def read(self, size):
        taken = self.data[self.behind : self.behind + min(self.piece, size)]
        self.behind += len(taken)
        return taken


def cut(data, size, width=2, piece=1 << 20):
    """Return the good bytes, their lines, and reason, line and text of what is set aside, over all blocks."""
    cutter = Cutter(Trickle(data, piece), MARKS, block_bytes=size)
    good, lines, aside = b"", [], []
    while (block := cutter.cut_next(width)) is not None:
        judged = check_records(block, width, "m")
        assert judged.count == len(judged.lines)
        good += judged.good
        lines += judged.lines.tolist()
        aside += [(item.reason, item.place.line, item.raw) for item in judged.aside]
    return good, lines, aside


ROWS = st.lists(
    st.sampled_from(
        [b"a;b\n", b'"x\ny";z\r\n', b"\n", b"one\n", b"a;b;c\n", b'"q""r";s\n', b"\xc3\xa9;\0\n", b'a"b;c\n']
    ),
    max_size=10,
).map(b"".join)


@given(ROWS, st.integers(1, 40), st.integers(1, 7))
def test_any_size_of_blocks_and_of_pieces_gives_the_same_records_and_lines(data, size, piece):
    assert cut(data, size, piece=piece) == cut(data, 1 << 20)


@given(ROWS)
def test_every_line_is_kept_set_aside_or_blank(data):
    good, lines, aside = cut(data, 16)
    spent = sum(text.count("\n") + 1 for _reason, _line, text in aside) + good.count(b"\n")
    blank = data.replace(b"\r", b"").split(b"\n")[:-1].count(b"")
    assert spent + blank >= data.count(b"\n")
    assert lines == sorted(lines)


def test_the_line_of_a_record_counts_the_line_ends_inside_cells():
    assert cut(b'"a\nb\nc";d\n\ne;f\n', 4)[1] == [1, 5]


def test_what_is_set_aside_stands_in_the_order_of_its_lines_with_what_was_expected():
    data = b"one\n\xc3\x83\xc2\xa9;x\na;b;c\n"
    cutter = Cutter(Trickle(data), MARKS, block_bytes=1 << 20)
    aside = check_records(cutter.cut_next(2), 2, "m").aside
    assert [(item.reason, item.place.line) for item in aside] == [
        ("decode.row.too_few_cells", 1),
        ("decode.text.mojibake", 2),
        ("decode.row.too_many_cells", 3),
    ]
    assert aside[0].details == {"found": "1", "expected": "2"}
    assert {item.place.member for item in aside} == {"m"}


def test_a_header_is_the_first_record_that_is_not_blank_and_may_take_several_lines():
    cutter = Cutter(Trickle(b'\n\r\n"No\nm";Age\na;b\n'), MARKS, block_bytes=8)
    assert cutter.take_header() == b'"No\nm";Age\n'
    assert cutter.line == 5
    assert check_records(cutter.cut_next(2), 2, "").lines.tolist() == [5]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "decode.parcel.empty"), (b"\n\n", "decode.parcel.empty"), (b'a;"b\n', "decode.header.unreadable")],
)
def test_a_text_without_names_is_refused(data, code):
    with pytest.raises(ParcelError) as refused:
        Cutter(Trickle(data), MARKS, block_bytes=8).take_header()
    assert refused.value.code == code


def test_a_record_beyond_the_limit_costs_its_line_only(monkeypatch):
    monkeypatch.setattr(cuts, "MAX_RECORD", 8)
    monkeypatch.setattr(blocks, "MAX_RECORD", 8)
    good, lines, aside = cut(b"a;b\n" + b"x" * 30 + b";y\nc;d\n", 1 << 20)
    assert (good, lines) == (b"a;b\nc;d\n", [1, 3])
    assert [(reason, line) for reason, line, _text in aside] == [("decode.row.too_long", 2)]


@pytest.mark.parametrize("size", [1 << 16, 1 << 22])
def test_records_across_the_pieces_that_are_read_are_whole(size):
    quoted = b'"x\n' + b"x" * 99_000 + b'";y\n'
    data = (b"a;" + b"x" * 999 + b"\n") * 1500 + quoted * 20
    good, lines, aside = cut(data, size)
    assert (good, len(lines), aside) == (data, 1520, [])


def test_a_buffer_drops_a_line_without_keeping_it_and_knows_how_far_it_came():
    buffer = Buffer(Trickle(b"x" * 200_000 + b"\nrest", piece=1 << 12))
    buffer.drop_line()
    assert buffer.data.startswith(b"rest"[: len(buffer.data)])
    buffer.ensure(4)
    assert (buffer.data, buffer.behind) == (b"rest", 200_001)
    buffer.drop_line()
    assert (buffer.data, buffer.at_end) == (b"", True)
