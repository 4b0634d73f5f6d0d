"""Which parcels of a group stay together, and what a group remembers of records that are only confirmed."""

from __future__ import annotations

import pytest
from journeying import visits
from small_parcels_room import CSV, FOLDER, Room

from passerelle.vocabulary.outcomes import Fate

ORDERED = CSV + "ordered_by = { file_name = true }\n"


def _prolong(text: str, hour: str) -> str:
    """Let the visits that begin at an hour end five minutes later."""
    return text.replace(f'{hour}:30:00"', f'{hour}:35:00"')


def _put(room: Room, **files: str) -> None:
    for name, text in files.items():
        path = room.folder / "entrants" / f"{name.strip('_').replace('_', '-')}.csv"
        path.write_text(text, "utf-8", newline="")


def test_a_state_that_a_group_confirmed_is_newer_than_one_that_comes_later(tmp_path):
    room = Room.make(tmp_path, ORDERED, FOLDER)
    _put(room, _2024_05_01=visits(2))
    assert room.run().balance.fates == {Fate.DELIVERED: 2}
    # one record as it was, one changed: what is confirmed stands beside what is not
    _put(room, _2024_05_04=_prolong(visits(2), "08"), _2024_05_05=visits(2, first=10))
    assert room.run().balance.fates == {Fate.DELIVERED: 3, Fate.UNCHANGED: 1}
    _put(room, _2024_05_02=_prolong(visits(1), "07"))
    assert room.run().balance.fates == {Fate.WITHHELD: 1}


@pytest.mark.parametrize(
    ("destination", "files"),
    [
        (FOLDER, 1),
        ('{ kind = "folder", path = "sortants", format = "csv" }', 2),
        ('{ kind = "folder", path = "sortants", layout = "compani-interventions" }', 2),
    ],
    ids=["records as they are", "rows", "a layout"],
)
def test_a_record_that_comes_again_waits_for_what_becomes_of_it_where_it_may_be_refused(tmp_path, destination, files):
    room = Room.make(tmp_path, CSV, destination)
    room.receive(0, [visits(1), _prolong(visits(1), "07")])
    assert room.run().settled == 2
    assert len({path.name for path in (tmp_path / "sortants").iterdir() if "planned" not in path.name}) == files


def test_parcels_before_the_one_that_brings_a_record_again_go_together(tmp_path):
    room = Room.make(tmp_path, CSV, '{ kind = "folder", path = "sortants", format = "csv" }')
    room.receive(0, [visits(1), visits(1, first=10), visits(1, first=20), _prolong(visits(1, first=10), "17")])
    assert room.run().settled == 4
    files = [path for path in (tmp_path / "sortants").iterdir() if "planned" not in path.name]
    assert sorted(len(path.read_text("utf-8").splitlines()) for path in files) == [2, 4]
