"""Events say that something changed, in the order of the shelf, and no value of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from event_room import VISIT, open_room
from live_api_room import FLOW

from passerelle.engine.api.event_sending import WAITS
from passerelle.vocabulary.shelf import RemovalCause


@pytest.fixture
def room(tmp_path):
    with open_room(tmp_path) as opened:
        yield opened


def test_no_event_holds_a_value_the_name_of_a_flow_or_an_inner_reference(room):
    room.subscribe()
    room.put(1, comment="Mme Canari est tombée")
    room.send()
    told = b"".join(room.receiver.bodies).decode()
    for word in ("Canari", FLOW, "atelier", "V1", "P1", "2026-11-02"):
        assert word not in told


def test_events_name_records_as_the_token_reads_them_where_that_was_asked_for(room):
    room.subscribe(tells_refs=True)
    room.put(1)
    room.send()
    (event,) = room.receiver.events
    with room.api.ask() as client:
        record = client.get(f"/v1/visit/1/{event['subject']}")
    assert record.json()["ref"] == event["subject"]
    reads = [entry for entry in room.workspace.journal.list_audit_entries() if entry.action == "api.read"]
    assert reads[0].subject == "visit/1 1"  # before the client's own


def test_a_longer_batch_after_a_lost_answer_has_another_id_so_that_nothing_is_taken_for_a_repetition(room):
    room.subscribe()
    room.put(1)
    room.receiver.answer = lambda number: 500 if number == 0 else 204
    room.send()
    room.put(2)
    room.clock.moment += timedelta(seconds=WAITS[0])
    assert room.send().sent == 2
    assert len(set(room.receiver.ids)) == 2
    assert room.receiver.bodies[1].startswith(room.receiver.bodies[0][:-1])


def test_a_refusal_is_told_as_a_removal(room):
    room.subscribe()
    room.shelf.remove(VISIT, "atelier:visit:V99", RemovalCause.REFUSED)
    room.send()
    assert [event["type"] for event in room.receiver.events] == ["fr.passerelle.visit.1.deleted"]
