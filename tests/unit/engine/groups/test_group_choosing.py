"""What is decided once stays decided: who went alone, and that what cannot be read goes alone."""

from __future__ import annotations

import pytest
from journeying import visits
from small_parcels_room import CSV, FLOW, FOLDER, Room, spoil

from passerelle.engine.groups import group_choosing
from passerelle.engine.groups.group_choosing import GroupChooser
from passerelle.engine.path.collecting import collect
from passerelle.engine.runs.worker import run_flow


def test_a_parcel_that_cannot_be_read_is_parked_alone(tmp_path):
    texts = [visits(2, first=10 * nth) for nth in range(5)]
    texts[0], texts[3] = spoil(texts[0], 0, "renamed"), spoil(texts[3], 0, "renamed")
    room = Room.make(tmp_path, CSV, FOLDER)
    room.receive(0, texts)
    outcome = room.run()
    assert (outcome.settled, outcome.parked, outcome.balance.received) == (3, 2, 6)


def test_a_small_parcel_that_was_alone_stays_alone_after_a_kill(tmp_path, monkeypatch):
    room = Room.make(tmp_path, CSV, FOLDER)
    room.receive(0, [visits(2)])

    def die(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, room.open() as workspace:
        patched.setattr(workspace.journal, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            run_flow(workspace, "petits", run=workspace.journal.begin_run(["petits"], workspace.clock.now()))
    (before,) = (room.folder / "sortants").iterdir()
    content = before.read_bytes()
    room.receive(1, [visits(2, first=50)])
    assert room.run().settled == 2
    assert before.read_bytes() == content
    assert len(room.list_delivered()) == 4


def test_as_many_go_together_as_went_well_doubled_and_never_more_than_the_most(tmp_path, monkeypatch):
    monkeypatch.setattr(group_choosing, "MOST", 5)
    room = Room.make(tmp_path, CSV, FOLDER)
    room.receive(0, [visits(1, first=10 * nth) for nth in range(17)])
    with room.open() as workspace, workspace.open_flow(FLOW) as opened:
        collect(FLOW, opened.open_source(), workspace.depot, workspace.journal, workspace.clock, opened.blocks)
        parcels, sizes = workspace.journal.list_open_parcels(FLOW, workspace.clock.now()), []
        groups = GroupChooser(workspace, opened, workspace.journal.begin_run([FLOW], workspace.clock.now()), _reach=2)
        while parcels:
            joined = groups.prepare(parcels)
            sizes.append(len(joined.members) if joined else 1)
            parcels = parcels[sizes[-1] :]
    assert sizes == [2, 4, 5, 5, 1]
