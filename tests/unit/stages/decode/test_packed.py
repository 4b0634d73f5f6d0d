"""What is put on the pile comes down as it was; what has no room is not kept."""

from __future__ import annotations

import numpy as np
import polars as pl

from passerelle.stages.decode import packed
from passerelle.stages.decode.packed import PackedTables
from passerelle.stages.decode.part_tables import PartTable
from passerelle.stages.decode.tables import DecodedRecord

ODD = DecodedRecord(2, {"a": "\ud800"}, "decode.record.flawed", "raw", {"what": "x"})
TABLE = PartTable(pl.DataFrame({"a": ["é", None]}), np.array([1, 3], dtype=np.uint32), (ODD,), 1, 3)


def test_a_table_comes_back_with_its_odd_records():
    taken = PackedTables().put(TABLE)()
    assert taken.frame.equals(TABLE.frame)
    assert (taken.lines.tolist(), taken.odd, taken.first, taken.count) == ([1, 3], (ODD,), 1, 3)


def test_without_room_nothing_is_kept(monkeypatch):
    monkeypatch.setattr(packed, "ROOM", 10)
    assert PackedTables().put(TABLE) is None
