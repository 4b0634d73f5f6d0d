"""Receivers are told of changes in order, once each, until they take them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from event_receiver import receive_events
from event_room import VISIT, open_room
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from live_api_room import FLOW

from passerelle.engine.api.event_sending import EXHAUSTED, GONE, MOST_ATTEMPTS, TOKEN_ENDED, WAITS, notify_subscribers
from passerelle.engine.api.subscription_acts import (
    SubscriptionRequest,
    add_subscription,
    begin_subscription,
    pause_subscription,
    replay_subscription,
)
from passerelle.engine.api.token_acts import end_token
from passerelle.stores.subscriptions import SubscriptionState
from passerelle.vocabulary.errors import UsageError


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


def test_what_is_not_taken_comes_again_under_the_same_id_later_and_later(room):
    number = room.subscribe()
    room.put(1)
    room.receiver.answer = lambda _number: 500
    for wait in WAITS:
        assert room.send().failed == 1
        assert room.send().failed == 0  # it waits
        assert room.find(number).next_at == room.clock.moment + timedelta(seconds=wait)
        room.clock.moment += timedelta(seconds=wait)
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
        room.clock.moment += timedelta(seconds=wait)
    assert len(room.receiver.ids) == MOST_ATTEMPTS
    held = room.find(number)
    assert (held.state, held.code) == (SubscriptionState.PAUSED, EXHAUSTED)
    room.put(2)
    assert room.send().sent == 0
    room.receiver.answer = lambda _number: 204
    begin_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 2
    assert room.find(number).code == ""


def test_a_receiver_that_says_when_is_asked_then(room):
    number = room.subscribe()
    room.put(1)
    room.receiver.answer, room.receiver.headers = lambda _number: 429, {"retry-after": "7"}
    room.send()
    assert room.find(number).next_at == room.clock.moment + timedelta(seconds=7)


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
    room.clock.moment += timedelta(seconds=86_000)
    room.send()
    assert room.receiver.events == []
    room.clock.moment += timedelta(seconds=1_000)
    room.send()
    assert [event["type"] for event in room.receiver.events] == ["fr.passerelle.heartbeat"]
    room.send()
    assert len(room.receiver.events) == 1


def test_more_than_a_batch_is_told_in_order_in_several_messages(room):
    room.subscribe()
    room.put(*range(250))
    assert room.send().sent == 250
    assert [len(json.loads(body)) for body in room.receiver.bodies] == [100, 100, 50]
    numbers = [event["sequence"] for event in room.receiver.events]
    assert numbers == sorted(numbers)


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
    # with what stands before and behind
    assert room.send().sent == 4


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
                room.clock.moment += timedelta(seconds=max(WAITS))
        room.receiver.answer = lambda _number: 204
        for _turn in range(3):
            room.send()
            room.clock.moment += timedelta(seconds=max(WAITS))
        state = {}
        for event in room.receiver.events:
            if "subject" in event:
                state[event["subject"]] = event["type"].endswith("changed")
        there = sum(change.record is not None for change in room.shelf.changes[FLOW, VISIT].values())
        assert sum(state.values()) == there


def test_what_is_told_anew_comes_under_other_message_ids_so_that_no_receiver_leaves_it_out(room):
    number = room.subscribe()
    room.put(1, 2)
    replay_subscription(room.workspace, room.pages, number, who="marie")
    room.send()
    replay_subscription(room.workspace, room.pages, number, who="marie")
    room.send()
    first, second = room.receiver.events[1:4], room.receiver.events[6:9]
    assert [event["id"] for event in first] == [event["id"] for event in second]
    assert len({event["sequence"] for event in first + second}) == 6
    assert len(set(room.receiver.ids)) == 2


def test_two_subscriptions_of_one_receiver_share_neither_ids_of_messages_nor_of_events(room):
    room.subscribe()
    room.put(1)
    room.receiver.secret = ""
    asked = SubscriptionRequest(token=1, url=room.receiver.url)
    second, _secret = add_subscription(room.workspace, asked, why="le même agenda", who="marie")
    begin_subscription(room.workspace, room.pages, second, who="marie")
    room.put(2)
    room.send()
    assert len(room.receiver.events) == 3
    assert len(set(room.receiver.ids)) == 2
    assert len({event["id"] for event in room.receiver.events}) == 3


def test_what_was_posted_before_a_pause_comes_again_under_its_id_after_it(room):
    number = room.subscribe()
    room.put(1)
    room.receiver.answer = lambda number: 500 if number == 0 else 204
    room.send()
    pause_subscription(room.workspace, number, who="marie")
    begin_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 1
    assert len(set(room.receiver.ids)) == 1


def test_who_is_held_before_the_beginning_is_not_told_what_was_there(room):
    number = room.subscribe(begins=False)
    pause_subscription(room.workspace, number, who="marie")
    begin_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 0


def test_a_replay_before_the_beginning_is_told_once_it_begins(room):
    number = room.subscribe(begins=False)
    replay_subscription(room.workspace, room.pages, number, who="marie")
    begin_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 3


def test_no_secret_stays_of_a_subscription_that_ended_by_itself(room):
    number = room.subscribe()
    room.receiver.answer = lambda _number: 410
    room.put(1)
    room.send()
    assert room.find(number).state is SubscriptionState.ENDED
    assert room.find(number).secrets == ()


def test_a_long_answer_takes_the_message_all_the_same(room):
    room.receiver.answer = lambda _number: 200
    room.receiver.answers_with = b"<html>" + b"x" * 100_000
    number = room.subscribe()
    room.put(1)
    assert room.send().sent == 1
    assert room.find(number).failures == 0


def test_a_position_that_opens_no_more_holds_its_subscription_and_no_other(room):
    number = room.subscribe()
    kept = room.find(number)
    room.workspace.api.move_positions(kept, {VISIT: "rien"})
    room.put(1)
    assert room.send().sent == 0
    assert (room.find(number).state, room.find(number).code) == (SubscriptionState.PAUSED, "api.cursor.unreadable")


def test_a_fault_while_telling_ends_no_run_and_is_logged(room, capsys, monkeypatch):
    room.subscribe()
    room.put(1)

    def fail(*_arguments):
        raise ValueError("Mme Canari")

    monkeypatch.setattr(room.shelf, "read_changes", fail)
    monkeypatch.setattr("passerelle.engine.api.event_sending.RecordPages", lambda _shelf: room.pages)
    assert notify_subscribers(room.workspace).failed == 1
    told = capsys.readouterr()
    assert "events_failed" in told.out + told.err
    assert "Canari" not in told.out + told.err
