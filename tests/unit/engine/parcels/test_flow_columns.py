"""Watches over the columns of a flow's parcels share what is found out once, and nothing that is of one parcel."""

from __future__ import annotations

from dataclasses import replace

from journeying import visits
from small_parcels_room import CSV, FLOW, FOLDER, Room

from passerelle.engine.parcels.flow_columns import FlowColumns
from passerelle.engine.path.collecting import collect
from passerelle.stores.parcels import REPLAY, SUPPLIED


def test_a_parcel_that_was_begun_and_rows_to_replay_are_not_asked_about(tmp_path):
    room = Room.make(tmp_path, CSV, FOLDER)
    room.receive(0, [visits(2)])
    with room.open() as workspace, workspace.open_flow(FLOW) as flow:
        journal, clock = workspace.journal, workspace.clock
        collect(FLOW, flow.open_source(), workspace.depot, journal, clock, flow.blocks)
        (entry,) = journal.list_open_parcels(FLOW, clock.now())
        supplied, replayed = FlowColumns.of(flow, SUPPLIED), FlowColumns.of(flow, REPLAY)
        first, second = (supplied.watch(entry, {}, lambda: iter(())) for _time in range(2))
        begun = supplied.watch(replace(entry, settled=frozenset({0})), {}, lambda: iter(()))
        again = replayed.watch(entry, {}, lambda: iter(()))
    assert [watch.must_ask for watch in (first, begun, again)] == [True, False, False]
    assert first.feeding is second.feeding
    assert first.drift is not second.drift
