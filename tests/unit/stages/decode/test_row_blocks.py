"""Rows are cut into blocks by member, and held while there is room."""

from __future__ import annotations

from io import BytesIO

import pytest

from passerelle.stages.decode import row_blocks
from passerelle.stages.decode.numbering import Numbering
from passerelle.stages.decode.row_blocks import cut_blocks, hold_blocks, iter_batches, restore_batches

ROWS = [(member, {"A": f"{member}{nth}", "B": None}) for nth in range(5) for member in ("x", "y")]


def blocks(stream=None, rows=ROWS):
    return cut_blocks(rows, ["x", "y", "none"], 2, stream or BytesIO(b"12345678"))


def see(batches):
    return [(one.number, one.table.member, one.table.frame.rows(), one.table.lines.to_list()) for one in batches]


def test_each_member_has_its_blocks_and_one_without_rows_an_empty_one():
    cut = [(table.member, table.lines.to_list()) for table in (maker.make(0).table for maker, _place in blocks())]
    assert cut == [*((m, ns) for ns in ([1, 2], [3, 4], [5]) for m in ("x", "y")), ("none", [])]


@pytest.mark.parametrize("skip", [(), (0, 3), range(9)])
def test_what_was_held_is_what_was_cut(skip):
    stream = BytesIO(b"12345678")
    held = hold_blocks(blocks(stream), stream)
    assert held is not None
    assert see(restore_batches(held, Numbering(skip))) == see(iter_batches(blocks(), Numbering(skip)))


def test_a_document_that_finds_no_room_is_given_up_early(monkeypatch):
    monkeypatch.setattr(row_blocks, "ROOM", 2000)
    taken = []
    stream = BytesIO(b"x" * 1000)

    def rows():
        for row in ROWS * 100:
            stream.read(1)
            taken.append(row)
            yield row

    assert hold_blocks(blocks(stream, rows()), stream) is None
    assert len(taken) < 20, "one block says how much a thousand bytes would need"


def test_rows_that_are_set_aside_are_held_up_to_a_bound(monkeypatch):
    damaged = [("x", {"A": "\ufffd"})] * 5
    stream = BytesIO(b"x")
    held = hold_blocks(blocks(stream, damaged), stream)
    assert [len(one.aside) for one in restore_batches(held or [], Numbering(()))] == [2, 2, 1, 0, 0]
    monkeypatch.setattr(row_blocks, "_MOST_ASIDE", 3)
    assert hold_blocks(blocks(stream, damaged), stream) is None


@pytest.mark.parametrize(("bound", "most"), [("_MOST_CELLS", 6), ("_MOST_BYTES", 3)])
def test_rows_wait_as_records_up_to_a_bound_of_cells_and_of_bytes(monkeypatch, bound, most):
    monkeypatch.setattr(row_blocks, bound, most)
    monkeypatch.setattr(row_blocks, "_LOOK_EVERY", 2)
    packed = []
    pack = row_blocks.BatchMaker.pack

    def count(maker):
        packed.append(maker.count)
        pack(maker)

    monkeypatch.setattr(row_blocks.BatchMaker, "pack", count)
    stream = BytesIO(b"x" * 1000)

    def rows():
        for nth in range(50):
            stream.read(1)
            yield "x", {"A": str(nth), f"B{nth // 20}": "b"}

    ((maker, _place),) = cut_blocks(rows(), ["x"], 100, stream)
    assert len(packed) >= 12, "each few rows become a table"
    table = maker.make(0).table
    assert table.frame.columns == ["A", "B0", "B1", "B2"]
    assert table.frame["A"].to_list() == [str(nth) for nth in range(50)]
    assert table.frame["B1"].null_count() == 30
    assert table.frame.n_chunks() == 1
    assert table.lines.to_list() == list(range(1, 51))
