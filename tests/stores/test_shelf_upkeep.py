"""What is taken off a shelf opens from no copy; what was kept long enough goes; what is left is written close."""

from __future__ import annotations

from datetime import timedelta

import pytest
from shelving import CONTRACT, FLOW, NOW, Reader, ShelfRoom
from sqlalchemy import func, select

from passerelle.stores.database import open_reader
from passerelle.stores.shelf_schema import shelf_body, shelf_page, shelf_segment
from passerelle.vocabulary.errors import FatalError, FlowError
from passerelle.vocabulary.shelf import RemovalCause

LATER = NOW + timedelta(400)


@pytest.fixture
def room(journal_url, tmp_path):
    room = ShelfRoom(journal_url, tmp_path / "house")
    yield room
    room.close()


def _names(*numbers: int) -> list[str]:
    return [f"src:visit:{number}" for number in numbers]


def _read_bodies(room) -> list[tuple[int, int, bytes]]:
    with open_reader(room.engine) as connection:
        return [tuple(row) for row in connection.execute(select(shelf_body).order_by(shelf_body.c.first))]


def _count(room, table) -> int:
    with open_reader(room.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _opens(room, row) -> bool:
    """Whether a copy of a segment opens; it does not once its key was destroyed."""
    try:
        room.seal.open(row[2], about=f"shelf/{row[0]}/{row[1]}".encode())
    except FatalError as error:
        return error.code != "incident.seal.destroyed"
    return True


def test_what_is_removed_opens_from_no_copy_and_readers_learn_it(room):
    room.put(dict.fromkeys(_names(1, 2), b"secret"))
    room.put(dict.fromkeys(_names(1), b"newer"), 2)  # its first state is still in the first segment
    room.put(dict.fromkeys(_names(3), b"other"))
    copy = _read_bodies(room)
    assert room.shelf.remove(FLOW, {CONTRACT: _names(1, 9)}, RemovalCause.ERASED, NOW) == 1
    assert [_opens(room, row) for row in copy] == [False, False, True]
    removal = room.shelf.find_change(room.scope, "src:visit:1")
    assert (removal.record, removal.cause, removal.version) == (None, RemovalCause.ERASED, 3)
    assert Reader(room.shelf, room.scope).finish() == {"src:visit:2": b"secret", "src:visit:3": b"other"}


def test_what_is_removed_twice_is_removed_once(room):
    room.put(dict.fromkeys(_names(1), b"1"))
    assert room.shelf.remove(FLOW, {CONTRACT: _names(1)}, RemovalCause.REFUSED, NOW) == 1
    assert room.shelf.remove(FLOW, {CONTRACT: _names(1)}, RemovalCause.REFUSED, NOW) == 0
    assert room.shelf.remove("other", {CONTRACT: _names(1)}, RemovalCause.REFUSED, NOW) == 0
    assert room.shelf.remove(FLOW, {"person/1": _names(1)}, RemovalCause.REFUSED, NOW) == 0
    assert room.scope.last == 2


def test_what_was_kept_long_enough_is_removed_and_later_forgotten(room):
    room.put(dict.fromkeys(_names(1, 2), b"1"))
    room.put(dict.fromkeys(_names(3), b"1"), now=LATER)
    copy = _read_bodies(room)
    assert room.shelf.expire(FLOW, LATER - timedelta(390), LATER) == 2
    assert room.scope.first == 0
    changes = room.shelf.read_changes(room.scope, 0, 9)
    assert [(one.number, one.cause) for one in changes] == [(3, None), (4, "expired"), (5, "expired")]
    assert [_opens(room, row) for row in copy] == [False, True]
    assert room.shelf.expire(FLOW, LATER - timedelta(390), LATER) == 0
    # what a reader learnt no later than now is forgotten once as many days went by
    room.put(dict.fromkeys(_names(4), b"1"), now=LATER + timedelta(200))
    assert room.shelf.expire(FLOW, LATER + timedelta(100), LATER + timedelta(200)) == 1
    assert (room.scope.first, room.scope.last) == (5, 7)
    assert room.shelf.find_change(room.scope, "src:visit:1") is None
    with pytest.raises(FlowError):
        room.shelf.read_changes(room.scope, 4, 9)
    assert [one.number for one in room.shelf.read_changes(room.scope, 5, 9)] == [6, 7]


def test_more_than_one_transaction_takes_is_expired(room, monkeypatch):
    monkeypatch.setattr("passerelle.stores.shelf_upkeep._AT_ONCE", 2)
    for number in range(7):
        room.put(dict.fromkeys(_names(number), b"1"))
    assert room.shelf.expire(FLOW, LATER, LATER) == 7
    assert room.shelf.list_states()[0].records == 0


def test_a_segment_of_which_little_is_left_is_written_anew(room):
    room.put(dict.fromkeys(_names(*range(512)), b"1"))
    room.put(dict.fromkeys(_names(*range(300)), b"2"), 2)
    copy = _read_bodies(room)
    assert room.shelf.tidy(FLOW) == 2
    assert [_opens(room, row) for row in copy] == [False, False]
    assert _count(room, shelf_segment) == 1
    assert len(Reader(room.shelf, room.scope).finish(100)) == 512
    assert room.shelf.tidy(FLOW) == 0


def test_many_small_segments_become_one_and_few_wait(room):
    for number in range(7):
        room.put(dict.fromkeys(_names(number), b"1"))
    assert room.shelf.tidy(FLOW) == 0
    room.put(dict.fromkeys(_names(7), b"1"))
    assert room.shelf.tidy(FLOW) == 8
    assert _count(room, shelf_segment) == _count(room, shelf_body) == 1
    assert [one.number for one in room.shelf.read_changes(room.scope, 3, 9)] == [4, 5, 6, 7, 8]


def test_a_segment_that_is_full_and_alive_is_left_alone(room):
    room.put(dict.fromkeys(_names(*range(1024)), b"1"))
    room.put(dict.fromkeys(_names(*range(200)), b"2"), 2)
    before = _read_bodies(room)
    assert room.shelf.tidy(FLOW) == 0
    assert _read_bodies(room) == before


def test_an_emptied_shelf_holds_nothing_and_its_readers_begin_anew(room):
    room.put(dict.fromkeys(_names(1, 2), b"1"))
    reader = Reader(room.shelf, room.scope)
    reader.read(9)
    copy = _read_bodies(room)
    assert room.shelf.empty(FLOW) == 2
    assert room.shelf.list_scopes() == room.shelf.list_states() == ()
    assert not any(_opens(room, row) for row in copy)
    assert _count(room, shelf_page) == _count(room, shelf_segment) == 0
    with pytest.raises(FlowError):
        reader.read(9)
    assert room.shelf.empty("other") == 0


def test_since_when_it_holds_what_came_is_only_put_back(room):
    room.put(dict.fromkeys(_names(1), b"1"))
    room.shelf.note_since(FLOW, NOW + timedelta(1))
    assert room.scope.since == NOW
    room.shelf.note_since(FLOW, NOW - timedelta(9))
    assert room.scope.since == NOW - timedelta(9)


def test_the_state_of_a_shelf_is_told_in_numbers(room):
    room.put(dict.fromkeys(_names(1, 2), b"1"))
    room.put(_names(1), 2, cause=RemovalCause.SUPPLIER)
    (state,) = room.shelf.list_states()
    assert (state.flow, state.contract, state.purpose, state.since, state.records) == (
        FLOW,
        CONTRACT,
        "planning",
        NOW,
        1,
    )
    assert state.segments == 2
    assert state.size == sum(len(row[2]) for row in _read_bodies(room))


def test_what_is_renewed_comes_again_as_it_is_in_its_next_version_and_is_not_kept_longer(room):
    room.put(dict.fromkeys(_names(1, 2), b"as it is"))
    reader = Reader(room.shelf, room.scope)
    reader.finish()
    number = room.scope.last
    assert room.shelf.renew(FLOW, {CONTRACT: _names(1, 9)}) == 1
    assert room.scope.last == number + 1
    change = room.shelf.find_change(room.scope, "src:visit:1")
    assert (change.record, change.version) == (b"as it is", 2)
    assert room.shelf.expire(FLOW, NOW + timedelta(1), LATER)
    assert Reader(room.shelf, room.scope).finish() == {}
