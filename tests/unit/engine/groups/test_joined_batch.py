"""What is joined has the fates that its parcels have alone, and ends where a parcel has to wait for another."""

from __future__ import annotations

import pytest
from journeying import visits
from small_parcels_room import CSV, FLOW, FOLDER, Room, spoil

from passerelle.engine.groups.joined_batch import prepare_joined
from passerelle.engine.groups.parcel_groups import decode_group
from passerelle.engine.path.collecting import collect
from passerelle.engine.path.pipeline import prepare_batch


@pytest.fixture
def joined(tmp_path):
    texts = [visits(2), spoil(visits(3, first=10), 1, "rejected"), visits(2, first=1), visits(1, first=20)]
    room = Room.make(tmp_path, CSV, FOLDER)
    room.receive(0, texts)
    with room.open() as workspace, workspace.open_flow(FLOW) as flow:
        journal, clock = workspace.journal, workspace.clock
        collect(FLOW, flow.open_source(), workspace.depot, journal, clock, flow.blocks)
        members = decode_group(journal.list_open_parcels(FLOW, clock.now()), workspace, flow)
        yield prepare_joined(members, flow.policy), flow.policy


def test_each_parcel_has_the_ledger_that_it_has_alone(joined):
    batch, policy = joined
    for member, ledger in zip(batch.members, batch.ledgers, strict=True):
        alone = prepare_batch(member.batch, policy).ledger
        assert (ledger.received, ledger.fates, ledger.causes) == (alone.received, alone.fates, alone.causes)
        assert ledger.aside == alone.aside
        assert ledger.withheld_values == alone.withheld_values


def test_a_parcel_that_brings_a_ref_again_ends_the_group_unless_every_record_is_just_written(joined):
    batch, _policy = joined
    assert batch.find_end(is_plain=True) == 4
    assert batch.find_end(is_plain=False) == 2
