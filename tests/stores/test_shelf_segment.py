"""A segment is read as it was written, and moved it does not open."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stores.seal import Seal
from passerelle.stores.shelf_segment import (
    SegmentLines,
    bind_segment,
    decode_segment,
    encode_segment,
    open_segment,
    write_cause,
)
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.shelf import RemovalCause

_LINE = st.tuples(st.text(max_size=9), st.binary(max_size=20), st.sampled_from((None, *RemovalCause)))


def _make(rows) -> SegmentLines:
    return SegmentLines(
        np.arange(5, 5 + len(rows)),
        np.arange(len(rows)) + 1,
        np.arange(len(rows)) * 1_000_000,
        np.array([write_cause(cause) for _ref, _record, cause in rows], dtype=np.uint8),
        tuple(ref for ref, _record, _cause in rows),
        tuple(b"" if cause else record for _ref, record, cause in rows),
    )


@settings(max_examples=count_examples(60), deadline=None)
@given(st.lists(_LINE, min_size=1, max_size=20))
def test_a_segment_is_read_as_it_was_written(rows):
    found = decode_segment(encode_segment(_make(rows)))
    changes = [found.make_change(place) for place in range(len(found))]
    assert [(one.ref, one.record, one.cause) for one in changes] == [
        (ref, None if cause else record, cause) for ref, record, cause in rows
    ]
    assert [(one.number, one.version) for one in changes] == [(5 + nth, 1 + nth) for nth in range(len(rows))]


def test_lines_are_joined_and_chosen_in_their_order():
    lines = _make([("a", b"1", None), ("b", b"2", None), ("c", b"", RemovalCause.ERASED)])
    joined = lines.select(np.array([0])).join(lines.select(np.array([2])))
    assert (joined.refs, joined.records, joined.numbers.tolist()) == (("a", "c"), (b"1", b""), [5, 7])
    assert joined.is_there.tolist() == [True, False]


def test_a_segment_that_was_moved_does_not_open():
    seal = Seal(b"k" * 32)
    sealed = seal.seal(encode_segment(_make([("a", b"1", None)])), about=bind_segment(3, 5))
    assert open_segment(seal, sealed, 3, 5).refs == ("a",)
    for place in ((3, 6), (4, 5)):
        with pytest.raises(ParcelError) as raised:
            open_segment(seal, sealed, *place)
        assert raised.value.code == "incident.shelf.damaged"


def test_what_lines_hold_is_not_shown():
    assert "Untel" not in repr(_make([("src:person:Untel", b"Untel", None)]))
