"""Receivers are told of changes in order, once each, until they take them, and never a value."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from event_receiver import receive_events
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from live_api_room import FLOW, make_visit, open_api
from turned_clock import TurnedClock

from passerelle.engine.api.event_sending import EXHAUSTED, GONE, MOST_ATTEMPTS, TOKEN_ENDED, WAITS, send_events
from passerelle.engine.api.record_pages import RecordPages
from passerelle.engine.api.subscription_acts import (
    SubscriptionRequest,
    add_subscription,
    begin_subscription,
    end_subscription,
    pause_subscription,
    renew_secret,
    replay_subscription,
)
from passerelle.engine.api.token_acts import end_token
from passerelle.stores.subscriptions import SubscriptionState
from passerelle.vocabulary.errors import FlowError, UsageError
from passerelle.vocabulary.shelf import RemovalCause

if TYPE_CHECKING:
    from pathlib import Path

VISIT = "visit/1"
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


class Room:
    """A live API with a shelf in memory, and a receiver that follows it."""

    def __init__(self, api, receiver, clock):
        self.api, self.receiver, self.clock = api, receiver, clock
        self.workspace, self.shelf = api.workspace, api.shelf
        self.pages = RecordPages(api.shelf)

    def subscribe(self, *, begins: bool = True, **about) -> int:
        self.api.make_token()
        token = self.workspace.api.list_tokens()[-1].id
        asked = SubscriptionRequest(token=token, url=self.receiver.url, **about)
        number, secret = add_subscription(self.workspace, asked, why="agenda du service", who="marie")
        self.receiver.secret = secret
        if begins:
            begin_subscription(self.workspace, self.pages, number, who="marie")
        return number

    def put(self, *numbers: int, **fields) -> None:
        for number in numbers:
            self.shelf.put_record(VISIT, make_visit(number, **fields))

    def send(self):
        return send_events(self.workspace, self.pages)

    def find(self, number: int):
        return self.workspace.api.find_subscription(number)


@contextmanager
def open_room(folder: Path):
    clock = TurnedClock(NOON)
    with open_api(folder, clock=clock) as api, receive_events() as receiver:
        api.shelf.put_record(VISIT, make_visit(99))
        yield Room(api, receiver, clock)


@pytest.fixture
def room(tmp_path):
    with open_room(tmp_path) as opened:
        yield opened


def test_what_changes_after_the_beginning_is_told_once_and_what_was_there_is_not(room):
    number = room.subscribe()
    assert room.send().sent == 0
    room.put(1, 2)
    room.shelf.remove(VISIT, "atelier:visit:V99")
    assert room.send().sent == 3
    assert room.send().sent == 0
    kinds = [event["type"] for event in room.receiver.events]
    assert kinds == ["fr.passerelle.visit.1.changed"] * 2 + ["fr.passerelle.visit.1.deleted"]
    assert [event["sequence"] for event in room.receiver.events] == sorted(
        event["sequence"] for event in room.receiver.events
    )
    assert len({event["id"] for event in room.receiver.events}) == 3
    assert [attempt.outcome for attempt in room.workspace.api.list_attempts(number)] == ["204", "200"]


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


def test_a_receiver_that_does_not_send_the_word_back_is_told_nothing(room):
    room.receiver.echoes = False
    number = room.subscribe(begins=False)
    with pytest.raises(UsageError) as refusal:
        begin_subscription(room.workspace, room.pages, number, who="marie")
    assert refusal.value.code == "usage.subscription.unanswered"
    room.put(1)
    room.send()
    assert room.receiver.bodies == []
    assert room.find(number).state is SubscriptionState.NEW


def test_what_is_not_taken_comes_again_under_the_same_id_later_and_later(room):
    number = room.subscribe()
    room.put(1)
    room.receiver.answer = lambda _number: 500
    for wait in WAITS:
        assert room.send().failed == 1
        assert room.send().failed == 0  # it waits
        assert room.find(number).next_at == room.clock.moment + _seconds(wait)
        room.clock.moment += _seconds(wait)
    assert len(set(room.receiver.ids)) == 1
    room.receiver.answer = lambda _number: 204
    assert room.send().sent == 1
    assert len(set(room.receiver.ids)) == 1
    assert room.find(number).failures == 0


def test_after_thirteen_attempts_it_is_paused_and_goes_on_where_it_was(room):
    number = room.subscribe()
    room.put(1)
    room.receiver.answer = lambda _number: 503
    for wait in (*WAITS, 0):
        room.send()
        room.clock.moment += _seconds(wait)
    assert len(room.receiver.ids) == MOST_ATTEMPTS
    held = room.find(number)
    assert (held.state, held.code) == (SubscriptionState.PAUSED, EXHAUSTED)
    room.put(2)
    assert room.send().sent == 0
    room.receiver.answer = lambda _number: 204
    begin_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 2
    assert room.find(number).code == ""


def test_a_longer_batch_after_a_lost_answer_has_another_id_so_that_nothing_is_taken_for_a_repetition(room):
    room.subscribe()
    room.put(1)
    room.receiver.answer = lambda number: 500 if number == 0 else 204
    room.send()
    room.put(2)
    room.clock.moment += _seconds(WAITS[0])
    assert room.send().sent == 2
    assert len(set(room.receiver.ids)) == 2
    assert room.receiver.bodies[1].startswith(room.receiver.bodies[0][:-1])


def test_a_receiver_that_says_when_is_asked_then(room):
    number = room.subscribe()
    room.put(1)
    room.receiver.answer, room.receiver.headers = lambda _number: 429, {"retry-after": "7"}
    room.send()
    assert room.find(number).next_at == room.clock.moment + _seconds(7)


def test_a_receiver_that_is_gone_is_told_nothing_any_more(room):
    number = room.subscribe()
    room.put(1)
    room.receiver.answer = lambda _number: 410
    room.send()
    assert (room.find(number).state, room.find(number).code) == (SubscriptionState.ENDED, GONE)
    with pytest.raises(UsageError):
        begin_subscription(room.workspace, room.pages, number, who="marie")


def test_a_subscription_ends_with_its_token(room):
    number = room.subscribe()
    room.put(1)
    end_token(room.workspace, room.find(number).terms.token, why="fin du contrat", who="marie")
    room.send()
    assert room.receiver.bodies == []
    assert room.find(number).code == TOKEN_ENDED


def test_a_day_of_silence_ends_with_a_sign_of_life(room):
    room.subscribe()
    room.clock.moment += _seconds(86_000)
    room.send()
    assert room.receiver.events == []
    room.clock.moment += _seconds(1_000)
    room.send()
    assert [event["type"] for event in room.receiver.events] == ["fr.passerelle.heartbeat"]
    room.send()
    assert len(room.receiver.events) == 1


def test_a_replay_tells_each_record_that_is_there_once(room):
    number = room.subscribe()
    room.put(1, 2, 1)
    room.shelf.remove(VISIT, "atelier:visit:V2")
    room.send()
    room.receiver.events.clear()
    replay_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 2
    assert {event["type"] for event in room.receiver.events} == {"fr.passerelle.visit.1.changed"}


def test_after_a_change_of_secret_both_sign_until_the_next_one(room):
    number = room.subscribe()
    first = room.receiver.secret
    second = renew_secret(room.workspace, number, who="marie")
    for secret in (first, second):
        room.receiver.secret = secret
        room.put(1)
        assert room.send().sent == 1
    renew_secret(room.workspace, number, who="marie")
    assert first not in room.find(number).secrets


def test_more_than_a_batch_is_told_in_order_in_several_messages(room):
    room.subscribe()
    room.put(*range(250))
    assert room.send().sent == 250
    assert [len(json.loads(body)) for body in room.receiver.bodies] == [100, 100, 50]
    numbers = [event["sequence"] for event in room.receiver.events]
    assert numbers == sorted(numbers)


def test_a_refusal_is_told_as_a_removal(room):
    room.subscribe()
    room.shelf.remove(VISIT, "atelier:visit:V99", RemovalCause.REFUSED)
    room.send()
    assert [event["type"] for event in room.receiver.events] == ["fr.passerelle.visit.1.deleted"]


def test_a_cursor_behind_what_was_forgotten_holds_the_subscription_and_a_replay_mends_it(room):
    number = room.subscribe()
    room.put(1, 2)
    room.shelf.remove(VISIT, "atelier:visit:V1")
    room.shelf.forget(VISIT)
    room.send()
    assert (room.find(number).state, room.find(number).code) == (SubscriptionState.PAUSED, "api.cursor.expired")
    assert room.receiver.bodies == []
    replay_subscription(room.workspace, room.pages, number, who="marie")
    begin_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 2


def test_who_is_paused_or_ended_by_somebody_is_told_nothing(room):
    number = room.subscribe()
    pause_subscription(room.workspace, number, who="marie")
    room.put(1)
    room.send()
    assert room.receiver.bodies == []
    begin_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 1
    end_subscription(room.workspace, number, who="marie")
    room.put(2)
    room.send()
    assert len(room.receiver.events) == 1
    assert room.find(number).secrets == ()


def test_one_receiver_that_fails_keeps_no_other_waiting(room):
    with receive_events() as other:
        room.subscribe()
        failing = room.receiver
        failing.answer = lambda _number: 500
        room.receiver = other
        room.subscribe()
        room.put(1)
        report = room.send()
    assert (report.sent, report.failed) == (1, 1)
    assert len(other.events) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://agenda.exemple.fr/passerelle",
        "ftp://agenda.exemple.fr/",
        "https://",
        "agenda",
    ],
)
def test_an_address_without_protection_is_refused_before_anything_is_sent(room, url):
    room.receiver.url = url
    with pytest.raises(FlowError) as refusal:
        room.subscribe(begins=False)
    assert refusal.value.code.startswith("incident.address.")
    assert room.workspace.api.list_subscriptions() == ()


@pytest.mark.parametrize("host", ["10.0.0.7", "192.168.1.1", "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200"])
def test_a_private_address_gets_no_message(room, host):
    room.receiver.url = f"https://{host}/passerelle"
    try:
        number = room.subscribe(begins=False)
    except FlowError as refusal:
        assert refusal.code == "incident.address.private"  # noqa: PT017  both are right: at once, or at the first message
        return
    with pytest.raises(UsageError) as refusal:
        begin_subscription(room.workspace, room.pages, number, who="marie")
    assert dict(refusal.value.words)["outcome"] == "incident.address.private"


@settings(max_examples=count_examples(15), deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(0, 5)),
            st.tuples(st.just("remove"), st.integers(0, 5)),
            st.tuples(st.just("send"), st.sampled_from([204, 500, 429, 0])),
            st.tuples(st.just("replay"), st.just(0)),
        ),
        max_size=14,
    )
)
def test_a_receiver_that_fails_repeats_and_loses_answers_ends_with_what_is_on_the_shelf(tmp_path_factory, steps):
    with open_room(tmp_path_factory.mktemp("room")) as room:
        room.shelf.changes.clear()
        room.shelf.scopes.clear()
        room.put(0)
        number = room.subscribe(tells_refs=True)
        replay_subscription(room.workspace, room.pages, number, who="marie")
        for act, value in [*steps, ("send", 204)]:
            ref = f"atelier:visit:V{value}"
            if act == "put":
                room.put(value)
            elif act == "remove" and ref in room.shelf.changes[FLOW, VISIT]:
                room.shelf.remove(VISIT, ref)
            elif act == "replay":
                replay_subscription(room.workspace, room.pages, number, who="marie")
            elif act == "send":
                # 0: it is taken, and the answer is lost
                room.receiver.answer = lambda _number, value=value: value or 500
                if value == 0:
                    taken = len(room.receiver.bodies)
                    room.send()
                    room.receiver.events += [e for body in room.receiver.bodies[taken:] for e in json.loads(body)]
                else:
                    room.send()
                room.clock.moment += _seconds(max(WAITS))
        room.receiver.answer = lambda _number: 204
        for _turn in range(3):
            room.send()
            room.clock.moment += _seconds(max(WAITS))
        state = {}
        for event in room.receiver.events:
            if event["type"] != "fr.passerelle.heartbeat":
                state[event["subject"]] = event["type"].endswith("changed")
        there = sum(change.record is not None for change in room.shelf.changes[FLOW, VISIT].values())
        assert sum(state.values()) == there


def _seconds(number: float) -> timedelta:
    return timedelta(seconds=number)
