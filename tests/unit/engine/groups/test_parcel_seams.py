"""Rows and lines of several parcels are joined, and found again."""

from __future__ import annotations

import polars as pl

from passerelle.engine.groups.parcel_seams import ParcelSeams
from passerelle.engine.records.ledger import Ledger
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.parcels import DecodedBatch, TextTable
from passerelle.vocabulary.place import Place


def _decode(lines: list[int], **cells: list[str]) -> DecodedBatch:
    return DecodedBatch(0, TextTable("", pl.DataFrame(cells), pl.Series("line", lines, dtype=pl.UInt32)))


BATCHES = (_decode([2, 3], a=["1", "2"]), _decode([2], a=["3"], b=["x"]), _decode([2, 4], a=["4", "5"]))


def test_no_line_comes_twice_and_a_column_that_is_not_there_is_null():
    table = ParcelSeams.of(BATCHES).join_tables()
    assert table.frame.get_column("b").to_list() == [None, None, "x", None, None]
    assert table.lines.is_unique().all()
    assert table.lines.is_sorted()


def test_what_is_set_aside_or_warned_of_goes_to_its_parcel_with_its_own_row_and_line():
    seams, ledgers = ParcelSeams.of(BATCHES), [Ledger("") for _batch in BATCHES]
    lines, shared = seams.join_tables().lines, Ledger("")
    shared.set_aside([SetAside(Fate.REJECTED, "x", Place(lines[4]), 4)])
    shared.warn([RowWarning("y", Place(lines[2])), RowWarning("y", Place(lines[1]))])
    seams.restore_items(shared, ledgers)
    assert [(item.row, item.place.line) for item in ledgers[2].aside] == [(1, 4)]
    assert [[warning.place.line for warning in ledger.warned] for ledger in ledgers] == [[3], [2], []]
    assert seams.count(pl.Series([0, 2, 3, 4], dtype=pl.UInt32)).tolist() == [1, 1, 2]
