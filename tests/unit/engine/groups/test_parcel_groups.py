"""Which small parcels go together: in their order, no more than a batch, none that is special."""

from __future__ import annotations

import json

from journeying import visits
from small_parcels_room import CSV, DATABASE, FOLDER, Room, spoil


def _settle(folder, texts, source=CSV, destination=FOLDER) -> Room:
    room = Room.make(folder, source, destination)
    room.receive(0, texts)
    return room


def _count_files(room: Room) -> int:
    return len(list((room.folder / "sortants").iterdir()))


def test_many_parcels_are_few_files_and_each_record_says_where_it_comes_from(tmp_path):
    room = _settle(tmp_path, [visits(3, first=10 * nth) for nth in range(40)])
    assert (room.run().settled, _count_files(room)) == (40, 1)
    sources = [json.loads(line)["source"] for line in room.list_delivered()]
    assert len({source["parcel"] for source in sources}) == 40
    assert {source["row"] for source in sources} == {2, 3, 4}


def test_parcels_that_together_are_more_than_a_batch_are_several_groups(tmp_path):
    size = 2 * len(visits(3, first=50).encode()) + 20
    room = _settle(tmp_path, [visits(3, first=10 * nth) for nth in range(6)], f"{CSV}block_bytes = {size}\n")
    assert (room.run().settled, _count_files(room)) == (6, 3)


def test_a_parcel_of_several_batches_is_delivered_in_its_turn(tmp_path):
    texts = [visits(2, first=0), visits(60, first=20), spoil(visits(2, first=0), 0, "changed"), visits(1, first=90)]
    room = _settle(tmp_path, texts, f"{CSV}block_bytes = 9000\n")
    assert (room.run().settled, _count_files(room)) == (4, 4)


def test_whole_exports_go_one_by_one(tmp_path):
    room = _settle(tmp_path, [visits(2, first=nth) for nth in range(3)], CSV.replace("whole = false", "whole = true"))
    assert (room.run().settled, _count_files(room)) == (3, 3)


def test_one_destination_serves_all_parcels_of_a_run(tmp_path):
    room = _settle(tmp_path, [visits(1, first=nth) for nth in range(3)], destination=DATABASE)
    with room.open() as workspace, workspace.open_flow("petits") as flow:
        assert flow.open_destination(settle_unknown=False) is flow.open_destination(settle_unknown=True)
