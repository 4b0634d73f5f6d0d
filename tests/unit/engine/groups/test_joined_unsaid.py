"""What one message of a group leaves out is unsaid in its record, and in no other."""

from __future__ import annotations

import json

from small_parcels_room import FOLDER, JSON, Room, tell


def test_only_the_records_of_a_parcel_that_leaves_a_field_out_say_that_it_is_unsaid(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "an-invented-secret-of-the-tests")
    room = Room.make(tmp_path, f'{JSON}absent = "keep"\n', FOLDER)
    room.receive(0, [tell(number, how) for number, how in enumerate(("", "less", "", "emptied"), start=1)])
    assert room.run().settled == 4
    assert len(list((room.folder / "sortants").iterdir())) == 1, "they went together"
    records = sorted(map(json.loads, room.list_delivered()), key=lambda record: record["ref"])
    unsaid = [record["source"].get("unsaid") for record in records]
    assert [bool(names) for names in unsaid] == [False, True, False, False]
