"""Replay: rows come back as they were, each with its quarantine item."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.decode.replay import decode_replay, write_replay_line
from passerelle.vocabulary.errors import ParcelError


def test_rows_are_grouped_by_member_and_cut_into_batches():
    lines = [write_replay_line(place, "p" if place < 5 else "d", place + 2, {"a": str(place)}) for place in range(7)]
    batches = list(decode_replay(io.BytesIO(b"".join(lines)), block_rows=3))
    assert [(b.number, b.table.member, b.items) for b in batches] == [
        (0, "p", (0, 1, 2)),
        (1, "p", (3, 4)),
        (2, "d", (5, 6)),
    ]
    assert batches[0].table.lines.to_list() == [2, 3, 4]
    some = decode_replay(io.BytesIO(b"".join(lines)), block_rows=3, skip={1})
    assert [b.number for b in some] == [0, 2]


def test_a_row_that_is_still_damaged_is_set_aside_and_items_stay_aligned():
    lines = write_replay_line(1, "", 2, {"a": "x\0"}) + write_replay_line(2, "", 3, {"a": "y"})
    (batch,) = decode_replay(io.BytesIO(lines), block_rows=10)
    assert [item.reason for item in batch.aside] == ["decode.text.nul"]
    assert batch.items == (2,)


@pytest.mark.parametrize("line", [b"x\n", b'{"item":1}\n', b'{"item":"1","member":"","line":1,"cells":{}}\n', b"\n"])
def test_anything_else_is_refused_with_its_line(line):
    with pytest.raises(ParcelError) as refused:
        list(decode_replay(io.BytesIO(write_replay_line(1, "", 2, {"a": "b"}) + line), block_rows=10))
    assert refused.value.code == "decode.parcel.malformed"
    assert refused.value.details["line"] == "2"


CELLS = st.dictionaries(
    st.text(alphabet="aé\n", min_size=1, max_size=3), st.none() | st.text(alphabet='b"\n\r', max_size=4)
)


@given(rows=st.lists(CELLS.filter(bool), min_size=1, max_size=5))
@settings(max_examples=count_examples(50), deadline=None)
def test_what_goes_out_comes_back(rows):
    data = b"".join(write_replay_line(place, "m", place, cells) for place, cells in enumerate(rows))
    (batch,) = decode_replay(io.BytesIO(data), block_rows=10)
    back = batch.table.frame.to_dicts()
    assert [{name: row[name] for name in cells} for row, cells in zip(back, rows, strict=True)] == rows
