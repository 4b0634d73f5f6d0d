"""Tables of parts become batches of the size that was asked for, odd records at their places."""

from __future__ import annotations

import numpy as np
import polars as pl

from passerelle.stages.decode.numbering import Numbering
from passerelle.stages.decode.part_tables import PartTable
from passerelle.stages.decode.table_batches import iter_table_batches
from passerelle.stages.decode.tables import DecodedRecord

TABLE = PartTable(
    pl.DataFrame({"a": ["1", "3"]}), np.array([1, 3], dtype=np.uint32), (DecodedRecord(2, {"b": "2"}),), 1, 3
)


def test_records_are_laid_end_to_end_with_what_they_take_from_above():
    columns = {"../m": True, "a": True, "b": True}
    sources = [[lambda: TABLE], [lambda: TABLE]]
    batches = list(iter_table_batches("x", sources, columns, {"../m": "u"}, 4, Numbering(())))
    assert [one.table.lines.to_list() for one in batches] == [[1, 2, 3, 4], [5, 6]]
    assert batches[0].table.frame.rows() == [("u", "1", None), ("u", None, "2"), ("u", "3", None), ("u", "1", None)]


def test_no_records_are_one_batch_without_rows():
    (batch,) = iter_table_batches("x", [[]], {}, {}, 4, Numbering(()))
    assert batch.received == 0
