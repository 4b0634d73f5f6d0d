"""What one message of a group leaves out is unsaid in its record, and in no other."""

from __future__ import annotations

import json

from journeying import visits
from small_parcels_room import CSV, FOLDER, JSON, Room, spoil, tell


def test_only_the_records_of_a_parcel_that_leaves_a_field_out_say_that_it_is_unsaid(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "an-invented-secret-of-the-tests")
    room = Room.make(tmp_path, f'{JSON}absent = "keep"\n', FOLDER)
    room.receive(0, [tell(number, how) for number, how in enumerate(("", "less", "", "emptied"), start=1)])
    assert room.run().settled == 4
    assert len(list((room.folder / "sortants").iterdir())) == 1, "they went together"
    records = sorted(map(json.loads, room.list_delivered()), key=lambda record: record["ref"])
    unsaid = [record["source"].get("unsaid") for record in records]
    assert [bool(names) for names in unsaid] == [False, True, False, False]


def test_a_small_file_without_a_column_says_of_all_its_records_that_the_field_is_unsaid(tmp_path):
    room = Room.make(tmp_path, f'{CSV}absent = "keep"\n', FOLDER)
    room.receive(0, [visits(2, first=0)])
    room.run()
    room.receive(1, [visits(2, first=10), spoil(visits(2, first=20), 0, "less")])
    assert room.run().settled == 2
    assert len(list((room.folder / "sortants").iterdir())) == 2, "those of the second night went together"
    unsaid = [bool(json.loads(line)["source"].get("unsaid")) for line in room.list_delivered()]
    assert sorted(unsaid) == [False] * 4 + [True] * 2
