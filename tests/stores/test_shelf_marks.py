"""Marks say which changes are the latest of their record, and which of these removed it."""

from __future__ import annotations

import numpy as np
import pytest
from shelving import ShelfRoom
from sqlalchemy import func, select

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.shelf_marks import LiveNumbers, encode_marks, read_marks
from passerelle.stores.shelf_schema import shelf_scope, shelf_segment
from passerelle.vocabulary.shelf import RemovalCause


@pytest.fixture
def room(journal_url, tmp_path):
    room = ShelfRoom(journal_url, tmp_path / "house")
    yield room
    room.close()


def test_marks_are_read_as_they_were_written():
    offsets, is_there = np.array([0, 3, 2_000_000_000]), np.array([True, False, True])
    live = LiveNumbers.read(7, encode_marks(offsets, is_there))
    assert live.numbers.tolist() == [7, 10, 2_000_000_007]
    assert live.is_there.tolist() == [True, False, True]


@pytest.mark.parametrize("count", [3, 1_300])
def test_what_was_replaced_is_marked_in_its_segment_alone(room, count):
    names = [f"src:visit:{number}" for number in range(1_300)]
    room.put(dict.fromkeys(names, b"1"))
    some = names[:: 1_300 // count][:count]
    room.put(some, 2, cause=RemovalCause.SUPPLIER)
    with open_reader(room.engine) as connection:
        scope_id = connection.execute(select(shelf_scope.c.scope_id)).scalar_one()
        marks = read_marks(connection, scope_id, np.arange(1, 1_301))
        found = marks.find_records(np.arange(0, 1_301))
        live = connection.execute(select(func.sum(func.length(shelf_segment.c.live)) / 4)).scalar_one()
    gone = {names.index(name) + 1 for name in some}
    assert [number for number in range(1_301) if not found[number]] == [0, *sorted(gone)]
    assert live == 1_300


def test_a_removal_is_no_record(room):
    room.put({"src:visit:1": b"1"})
    room.put(["src:visit:1"], 2, cause=RemovalCause.SUPPLIER)
    with open_writer(room.engine) as connection:
        scope_id = connection.execute(select(shelf_scope.c.scope_id)).scalar_one()
        marks = read_marks(connection, scope_id, np.array([1, 2]))
        assert marks.find_records(np.array([1, 2])).tolist() == [False, False]
        marks.drop(connection, np.array([2]))
        assert read_marks(connection, scope_id, np.array([2])).live[-1].numbers.tolist() == []
