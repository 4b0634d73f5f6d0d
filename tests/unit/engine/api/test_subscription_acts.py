"""Subscriptions begin with the word of their receiver, and end, wait and go back when somebody says so."""

from __future__ import annotations

import pytest
from event_room import VISIT, open_room

from passerelle.engine.api.subscription_acts import (
    begin_subscription,
    end_subscription,
    pause_subscription,
    renew_secret,
    replay_subscription,
)
from passerelle.stores.subscriptions import SubscriptionState
from passerelle.vocabulary.errors import FlowError, UsageError


@pytest.fixture
def room(tmp_path):
    with open_room(tmp_path) as opened:
        yield opened


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


def test_a_replay_tells_each_record_that_is_there_and_each_removal_once(room):
    number = room.subscribe()
    room.put(1, 2, 1)
    room.shelf.remove(VISIT, "atelier:visit:V2")
    room.send()
    room.receiver.events.clear()
    replay_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 5
    kinds = [event["type"].rpartition(".")[2] for event in room.receiver.events]
    # what is not told between the marks is gone
    assert kinds == ["replay", "changed", "changed", "deleted", "replayed"]


def test_a_replay_of_more_than_a_message_has_one_beginning_and_one_end(room):
    number = room.subscribe()
    room.put(*range(250))
    room.send()
    room.receiver.events.clear()
    replay_subscription(room.workspace, room.pages, number, who="marie")
    room.send()
    kinds = [event["type"].rpartition(".")[2] for event in room.receiver.events]
    # with those that stand there from the beginning of the room
    assert kinds == ["replay", *["changed"] * 250, "replayed"]
    room.put(1)
    assert room.send().sent == 1


def test_a_subscription_that_waited_too_long_goes_on_by_a_replay_alone(room):
    number = room.subscribe()
    room.put(1)
    room.shelf.remove(VISIT, "atelier:visit:V1")
    room.shelf.forget(VISIT)
    room.send()
    with pytest.raises(UsageError) as refusal:
        begin_subscription(room.workspace, room.pages, number, who="marie")
    assert refusal.value.code == "usage.subscription.expired"
    replay_subscription(room.workspace, room.pages, number, who="marie")
    begin_subscription(room.workspace, room.pages, number, who="marie")
    assert room.send().sent == 3


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
