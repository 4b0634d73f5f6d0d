"""What a batch delivered goes on the shelf in the transaction that settles it, and nothing of it is in clear."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shelving import CONTRACT, FLOW, NOW, Reader, ShelfRoom
from sqlalchemy import select

from passerelle.stores import delivered, shelf_writing
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.journal import Journal
from passerelle.stores.shelf_schema import shelf_body, shelf_scope, shelf_segment
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.shelf import RemovalCause


@pytest.fixture
def room(journal_url, tmp_path):
    room = ShelfRoom(journal_url, tmp_path / "house")
    yield room
    room.close()


@pytest.fixture
def journal(room, make):
    journal = Journal(room.engine, room.seal)
    journal.register(make.parcel())
    journal.begin_run([FLOW], NOW)
    return journal


def _settle(make, room, number: int, records, **how):
    return replace(make.settlement(number, **how), shelved=(room.make(records),))


def test_a_settled_batch_is_on_the_shelf(room, journal, make):
    journal.settle(_settle(make, room, 0, {"src:visit:1": b"1"}), _settle(make, room, 1, {"src:visit:2": b"2"}))
    assert Reader(room.shelf, room.scope).finish() == {"src:visit:1": b"1", "src:visit:2": b"2"}
    assert (room.scope.last, room.scope.purpose, room.scope.since) == (2, "planning", NOW)


def test_a_batch_that_was_not_settled_is_not_there_and_its_numbers_are_given_again(room, journal, make, monkeypatch):
    journal.settle(_settle(make, room, 0, {"src:visit:1": b"1"}))
    with pytest.raises(FatalError):
        journal.settle(_settle(make, room, 1, {"src:visit:2": b"2"}), _settle(make, room, 0, {"src:visit:3": b"3"}))
    assert (room.scope.last, Reader(room.shelf, room.scope).finish()) == (1, {"src:visit:1": b"1"})
    journal.settle(_settle(make, room, 1, {"src:visit:2": b"2"}))
    assert room.scope.last == 2


def test_parcels_that_are_settled_together_are_on_the_shelf_in_their_order(room, journal, make):
    journal.register(make.parcel("b"))
    pair = [
        _settle(make, room, 0, {"src:visit:1": b"old"}),
        _settle(make, room, 0, {"src:visit:1": b"new"}, parcel="b"),
    ]
    journal.settle_group(pair, NOW)
    assert Reader(room.shelf, room.scope).finish() == {"src:visit:1": b"new"}
    assert room.scope.last == 1


def test_a_flow_without_a_shelf_does_not_even_load_it(room, journal, make, monkeypatch):
    monkeypatch.setattr(shelf_writing, "put_on_shelf", None)  # whoever called it would fail
    journal.settle(make.settlement(0, known=[make.known(b"1")]))
    assert not hasattr(delivered, "put_on_shelf")
    assert room.shelf.list_scopes() == ()


def test_a_large_batch_is_cut_into_segments_of_512_lines(room):
    room.put({f"src:visit:{number}": b"%d" % number for number in range(1_100)})
    with open_reader(room.engine) as connection:
        rows = connection.execute(select(shelf_segment.c.first, shelf_segment.c.last, shelf_segment.c.count)).all()
    assert sorted(map(tuple, rows)) == [(1, 512, 512), (513, 1024, 512), (1025, 1100, 76)]
    assert len(Reader(room.shelf, room.scope).finish(500)) == 1_100


def test_nothing_is_in_clear(room):
    room.put({"src:person:Untel": b'{"name":"Untel"}'}, contract=CONTRACT)
    with open_reader(room.engine) as connection:
        for table in (shelf_scope, shelf_segment, shelf_body):
            assert "Untel" not in repr(connection.execute(select(table)).all())


def test_a_record_that_was_erased_and_comes_back_takes_the_place_of_its_removal(room):
    room.put({"src:visit:1": b"1"})
    room.shelf.remove(FLOW, {CONTRACT: ["src:visit:1"]}, RemovalCause.ERASED, NOW)
    room.put({"src:visit:1": b"again"}, 1)  # the journal forgot it, so that it is a first version
    (change,) = room.shelf.read_changes(room.scope, 0, 9)
    assert (change.number, change.record) == (3, b"again")


def test_entries_of_nothing_make_no_scope(room):
    room.put({})
    assert room.shelf.list_scopes() == ()


def test_an_emptied_scope_is_written_again_behind_its_last_number(room):
    room.put({"src:visit:1": b"1"})
    with open_writer(room.engine) as connection:
        shelf_writing.empty_scope(connection, connection.execute(select(shelf_scope.c.scope_id)).scalar_one())
    room.put({"src:visit:1": b"2"}, 2)
    assert [(one.number, one.record) for one in room.shelf.read_changes(room.scope, 0, 9)] == [(2, b"2")]
