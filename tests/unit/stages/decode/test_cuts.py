"""What the vectorised look says of bytes is what reading them one by one says."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode.cuts import CR, LF, Marks, find_records
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.dialects import Csv


@given(st.lists(st.sampled_from([b"a", b";", b"\n", b"\r\n", b"\r"]), max_size=12).map(b"".join))
def test_a_record_with_a_carriage_return_that_ends_no_line_is_marked(data):
    found = find_records(np.frombuffer(data, dtype=np.uint8), Marks(ord(";"), -1), 2, at_end=True)
    ends = [place + 1 for place, byte in enumerate(data) if byte == LF]
    ends += [len(data)] if data and not data.endswith(b"\n") else []
    assert found.ends.tolist() == ends
    lone = [CR in data[start:stop] for start, stop in zip(found.starts.tolist(), found.stops.tolist(), strict=True)]
    assert found.returns.tolist() == lone


@pytest.mark.parametrize(
    ("cell", "zero_width"), [("l\u2019aide", False), ("a\u200b", True), ("\ufeffa", True), ("\uf8ff", False)]
)
def test_a_batch_says_whether_it_holds_spaces_without_width(cell, zero_width):
    (decoded,) = decode(
        BytesIO(f"Nom;Motif\n1;{cell}\n".encode()), Csv(), block_bytes=1 << 20, block_rows=10, open_workbook=open_rows
    )
    assert decoded.table.frame["Motif"].to_list() == [cell]
    assert decoded.table.zero_width is zero_width
