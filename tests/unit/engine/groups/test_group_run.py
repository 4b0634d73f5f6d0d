"""A group is delivered and settled, or comes again as it was: the same file, with the same content."""

from __future__ import annotations

import json

import pytest
from journeying import visits
from small_parcels_room import CSV, FLOW, FOLDER, Room

from passerelle.engine.groups import group_run
from passerelle.stores import subjects
from passerelle.stores.database import open_reader
from passerelle.stores.journal import Journal
from passerelle.vocabulary.errors import FatalError


def _settle(folder, count: int) -> Room:
    room = Room.make(folder, CSV, FOLDER)
    room.receive(0, [visits(2, first=10 * nth) for nth in range(count)])
    return room


def _read(room: Room) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (room.folder / "sortants").iterdir()}


@pytest.mark.parametrize("more", [0, 3])
def test_killed_before_settling_the_same_file_is_written_again_whatever_came_meanwhile(tmp_path, monkeypatch, more):
    room = _settle(tmp_path, 4)

    def die(place: str) -> None:
        if place == "settle.before":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(group_run, "hit_failpoint", die)
        with pytest.raises(KeyboardInterrupt):
            room.run()
    before = _read(room)
    assert len(before) == 1
    room.receive(1, [visits(2, first=1000 + 10 * nth) for nth in range(more)])
    assert room.run().settled == 4 + more
    assert {name: _read(room)[name] for name in before} == before
    lines = room.list_delivered()
    assert len(set(lines)) == len(lines) == 2 * (4 + more)


def test_whom_records_are_about_is_known_by_their_keys_whatever_leaves(tmp_path):
    room = _settle(tmp_path, 4)
    assert room.run().settled == 4
    assert len(_read(room)) == 1, "delivered as a group"
    with room.open() as workspace, open_reader(workspace.journal._engine) as connection:
        lists = list(subjects.iter_lists(connection, workspace.seal))
        with workspace.open_flow(FLOW, jobs=1) as opened:
            there = [json.loads(line) for line in room.list_delivered()]
            ((_number, flow, contract, frame),) = lists
            outside = opened.known_records.to_outside_refs(frame["ref"]).to_list()
            persons = opened.known_records.to_outside_refs(frame["person"]).to_list()
    assert (flow, contract) == (FLOW, "visit/1")
    assert sorted(zip(outside, persons, strict=True)) == sorted((one["ref"], one["person_ref"]) for one in there)
    assert not set(outside) & set(frame["ref"]), "the records left under handles"


def test_a_fault_that_only_shows_when_they_are_joined_stops_none_of_them(tmp_path, monkeypatch):
    room = _settle(tmp_path, 3)

    def fail(*_words: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(group_run, "prepare_joined", fail)
    assert (room.run().settled, len(_read(room))) == (3, 3)


def test_killed_after_a_group_was_dissolved_each_still_writes_its_own_file(tmp_path, monkeypatch):
    room = _settle(tmp_path, 3)

    def fail(*_words: object) -> None:
        raise ZeroDivisionError

    def die(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(group_run, "prepare_joined", fail)
        patched.setattr(Journal, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            room.run()
    before = _read(room)
    assert len(before) == 1
    assert room.run().settled == 3
    assert (len(_read(room)), before.items() <= _read(room).items()) == (3, True)


def test_what_stops_the_process_stops_it_for_a_group_too(tmp_path, monkeypatch):
    room = _settle(tmp_path, 3)

    def fail(*_words: object) -> None:
        raise FatalError("incident.disk.full")

    monkeypatch.setattr(group_run, "prepare_joined", fail)
    with pytest.raises(FatalError):
        room.run()
