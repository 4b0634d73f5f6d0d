"""Events say that something changed, in the order of the shelf, and no value of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from event_room import VISIT, open_room
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from live_api_room import FLOW, follow

from passerelle.engine.api.event_sending import WAITS
from passerelle.stores.database import open_writer
from passerelle.stores.withheld_records import forget_told
from passerelle.vocabulary.shelf import RemovalCause

PATH = "/v1/visit/1"


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


def test_who_refused_is_told_as_removed_once_and_no_number_tells_how_often_their_records_changed(room):
    room.subscribe()
    room.put(1, 2)
    room.send()
    room.workspace.consents.record("atelier:person:P1", "planning", False, room.clock.now())
    for hour in range(5):
        room.put(1, planned_end=f"2026-11-02T1{hour}:00:00+01:00")
        room.put(2, planned_end=f"2026-11-03T1{hour}:00:00+01:00")
        room.send()
    kinds = [event["type"].rpartition(".")[2] for event in room.receiver.events]
    assert kinds == ["changed", "changed", "deleted", *["changed"] * 5]
    assert [int(event["sequence"]) for event in room.receiver.events] == list(range(1, 9))
    assert all(len(event["id"]) == 32 for event in room.receiver.events)


@settings(max_examples=count_examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["change", "refuse", "accept", "read"]), st.integers(1, 2)), max_size=12))
def test_whoever_follows_ends_with_what_may_be_read_whatever_is_said_between(tmp_path_factory, steps):
    with open_room(tmp_path_factory.mktemp("suit")) as room, room.api.ask() as client:
        room.put(1, 2)
        there, cursor = follow(client, PATH)
        readers = {1: (dict(there), cursor), 2: (dict(there), cursor)}
        for hour, (step, number) in enumerate([*steps, ("read", 1), ("read", 2)]):
            room.clock.moment += timedelta(minutes=1)
            if step == "change":
                room.put(number, planned_end=f"2026-11-0{number + 1}T{10 + hour % 10}:00:00+01:00")
            elif step == "read":
                has, place = readers[number]
                changes, place = follow(client, PATH, place)
                readers[number] = {ref: one for ref, one in (has | changes).items() if one is not None}, place
            else:
                accepted = step == "accept"
                room.workspace.consents.record(f"atelier:person:P{number}", "planning", accepted, room.clock.now())
                renew(room, f"atelier:visit:V{number}")
        now = follow(client, PATH)[0]
        assert readers[1][0] == readers[2][0] == now


def renew(room, ref) -> None:
    """Bring followers by a record, as a shelf does when somebody answers."""
    change = room.shelf.find_change(room.shelf.list_scopes()[0], ref)
    room.shelf.put(VISIT, ref, change.record)
    with open_writer(room.workspace.api._engine) as connection:
        forget_told(connection, [room.workspace.seal.pseudonymise("ref", ref)])
