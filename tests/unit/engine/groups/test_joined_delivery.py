"""Small parcels that are delivered together end as if each had been delivered alone: books, quarantine, destination."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples, visits
from small_parcels_room import CSV, DATABASE, FLOW, FOLDER, JSON, Room, spoil, tell

from passerelle.engine.groups import parcel_groups
from passerelle.vocabulary.outcomes import Fate

REFUSING = """
CREATE TRIGGER IF NOT EXISTS refusing BEFORE INSERT ON passerelle_appointment_1 WHEN NEW.status = 'excused'
BEGIN SELECT RAISE(ABORT, 'refused'); END
"""
REFUSING_VISITS = """
CREATE TRIGGER IF NOT EXISTS refusing BEFORE INSERT ON passerelle_visit_1 WHEN NEW.planned_start LIKE '%T08%'
BEGIN SELECT RAISE(ABORT, 'refused'); END
"""
FILES = st.builds(
    lambda first, count, nth, how: spoil(visits(count, first=first), nth, how),
    st.integers(0, 6),
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from(("", "", "unreadable", "rejected", "changed", "again", "renamed", "more", "less", "none")),
)
MESSAGES = st.builds(
    tell,
    st.integers(1, 4),
    st.sampled_from(("", "", "changed", "rejected", "doubtful", "more", "less", "emptied", "gone", "broken")),
)


def check_nights(
    make_folder, monkeypatch, nights: list[list[str]], source: str, destination: str, *, prepare=lambda _room: None
) -> Room:
    """Check that nights of small parcels end alike, delivered together and one by one; `prepare` is for each night."""
    monkeypatch.setenv("SECRET", "an-invented-secret-of-the-tests")
    together = Room.make(make_folder("together"), source, destination)
    alone = together.copy(make_folder("alone"))
    for night, contents in enumerate(nights):
        outcomes = []
        for room, most in ((together, parcel_groups.SMALL), (alone, -1)):
            prepare(room)
            room.receive(night, contents)
            with monkeypatch.context() as patched:
                patched.setattr(parcel_groups, "SMALL", most)
                outcomes.append(room.run())
        first, second = outcomes
        assert (first.settled, first.parked, first.balance) == (second.settled, second.parked, second.balance)
        assert first.notices == second.notices
        assert together.list_books() == alone.list_books()
        assert together.list_delivered() == alone.list_delivered()
    return together


DIFFERENTIAL = settings(
    max_examples=count_examples(3),
    deadline=timedelta(minutes=2),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _nights(parcels):
    return st.lists(st.lists(parcels, min_size=2, max_size=7), min_size=1, max_size=2)


@pytest.mark.parametrize("destination", [FOLDER, DATABASE], ids=["folder", "database"])
@DIFFERENTIAL
@given(nights=_nights(FILES))
def test_files_end_as_if_each_had_been_delivered_alone(tmp_path_factory, monkeypatch, destination, nights):
    check_nights(tmp_path_factory.mktemp, monkeypatch, nights, CSV, destination)


@pytest.mark.parametrize("destination", [FOLDER, DATABASE], ids=["folder", "database"])
@pytest.mark.parametrize("absent", ["", "keep"])
@DIFFERENTIAL
@given(nights=_nights(MESSAGES))
def test_messages_end_as_if_each_had_been_delivered_alone(tmp_path_factory, monkeypatch, destination, absent, nights):
    source = JSON + (f'absent = "{absent}"\n' if absent else "")
    check_nights(tmp_path_factory.mktemp, monkeypatch, nights, source, destination)


def test_states_of_one_record_are_delivered_in_their_order(tmp_path_factory, monkeypatch):
    states = [tell(1, how) for how in ("", "changed", "", "more", "")]
    room = check_nights(tmp_path_factory.mktemp, monkeypatch, [states, states[::-1]], JSON, FOLDER)
    assert len(list((room.folder / "sortants").iterdir())) == 2, "one file a night"
    assert len(room.list_delivered()) == 5, "A, B, A: what the next night begins with is there already"


def test_a_record_that_is_refused_is_sent_again_by_the_next_parcel_that_has_it(tmp_path_factory, monkeypatch):
    def refuse(room: Room) -> None:
        path = room.folder / "sortants.sqlite3"
        if path.exists():
            with sqlite3.connect(path) as connection:
                connection.execute(REFUSING)

    again = [tell(1, "changed"), tell(2, ""), tell(1, "changed"), tell(2, "changed"), tell(1, ""), tell(3, "changed")]
    first = [tell(1, ""), tell(2, "more")]
    room = check_nights(tmp_path_factory.mktemp, monkeypatch, [first, again], JSON, DATABASE, prepare=refuse)
    with room.open() as workspace:
        fates = [row.balance.fates for row in workspace.journal.list_parcels(FLOW)][2:]
    assert [Fate.REFUSED in some for some in fates] == [True, False, True, True, False, True]


def test_a_database_agrees_with_the_journal_behind_a_group_and_is_not_read_through(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SECRET", "an-invented-secret-of-the-tests")
    room = Room.make(tmp_path, JSON, DATABASE)
    for night in range(2):
        room.receive(night, [tell(10 * night + number, "") for number in range(3)])
        assert room.run().settled == 3
    assert "destination_reconciled" not in capsys.readouterr().err
    with room.open() as workspace:
        keys = [row.key for row in workspace.journal.list_parcels(FLOW)]
        groups = workspace.journal.find_groups(FLOW, keys)
    assert [groups[key] for key in keys] == [1, 1, 1, 4, 4, 4]


def test_a_record_that_is_refused_among_others_of_its_file_is_the_one_that_waits_in_quarantine(
    tmp_path_factory, monkeypatch
):
    def refuse(room: Room) -> None:
        path = room.folder / "sortants.sqlite3"
        if path.exists():
            with sqlite3.connect(path) as connection:
                connection.execute(REFUSING_VISITS)

    files = [[visits(1)], [visits(1, first=12), visits(3, first=13)]]
    room = check_nights(tmp_path_factory.mktemp, monkeypatch, files, CSV, DATABASE, prepare=refuse)
    with room.open() as workspace:
        fates = [row.balance.fates for row in workspace.journal.list_parcels(FLOW)][1:]
        lines = [row.place.line for row in workspace.quarantine.list_rows()]
    assert fates == [{Fate.DELIVERED: 1}, {Fate.DELIVERED: 2, Fate.REFUSED: 1}]
    assert lines == [2]
