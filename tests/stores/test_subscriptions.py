"""Subscriptions are kept sealed; a position moves with the attempt that was taken, and for one sender alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from passerelle.stores.api_store import ApiStore
from passerelle.stores.database import open_reader
from passerelle.stores.subscription_schema import subscription
from passerelle.stores.subscriptions import Attempt, SubscriptionState, SubscriptionTerms
from passerelle.stores.trail import AuditEntry

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TERMS = SubscriptionTerms(token=1, url="https://agenda.exemple.fr/secret", purpose="planning", contracts=("visit/1",))
ACT = AuditEntry(0, NOW, "subscription.new", "visit/1", "agenda du service", "marie", "planning")
TAKEN = Attempt(NOW, 1, 3, "204", 12)


@pytest.fixture
def store(engine, seal, journal) -> ApiStore:
    return ApiStore(engine, seal)


@pytest.fixture
def begun(store):
    number = store.add_subscription(TERMS, "whsec_canari", ACT)
    store.change_subscription(number, ACT, state=SubscriptionState.ACTIVE.value)
    return store.find_subscription(number)


def test_address_secret_and_position_are_sealed(engine, store, begun):
    store.note_attempt(begun, TAKEN, positions={"visit/1": "curseur-canari"})
    with open_reader(engine) as connection:
        columns = [column.name for column in subscription.c]
        raw = connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM subscription").all()  # noqa: S608  our own names
    assert not [word for word in ("canari", "agenda.exemple") if word in repr(raw)]
    kept = store.find_subscription(begun.id)
    assert (kept.secrets, kept.terms, kept.positions) == (("whsec_canari",), TERMS, {"visit/1": "curseur-canari"})


def test_of_two_senders_one_moves_the_position(store, begun):
    assert store.note_attempt(begun, TAKEN, positions={"visit/1": "a"})
    assert not store.note_attempt(begun, TAKEN, positions={"visit/1": "b"})
    kept = store.find_subscription(begun.id)
    assert kept.positions == {"visit/1": "a"}
    assert kept.message == begun.message + 1
    assert len(store.list_attempts(begun.id)) == 2


def test_an_attempt_on_what_was_paused_meanwhile_moves_nothing(store, begun):
    store.change_subscription(begun.id, ACT, state=SubscriptionState.PAUSED.value)
    assert not store.note_attempt(begun, TAKEN, positions={"visit/1": "a"})
    assert store.find_subscription(begun.id).positions == {}


def test_who_waits_is_not_due_and_who_was_served_longest_ago_comes_first(store, begun):
    other = store.find_subscription(store.add_subscription(TERMS, "whsec_autre", ACT))
    store.change_subscription(other.id, ACT, state=SubscriptionState.ACTIVE.value)
    store.note_attempt(begun, TAKEN, positions={})
    assert [one.id for one in store.list_due_subscriptions(NOW)] == [other.id, begun.id]
    again = store.find_subscription(other.id)
    store.note_attempt(again, replace(TAKEN, outcome="500"), failures=1, next_at=NOW + timedelta(seconds=30))
    assert [one.id for one in store.list_due_subscriptions(NOW)] == [begun.id]
    assert [one.id for one in store.list_due_subscriptions(NOW + timedelta(seconds=30))] == [other.id, begun.id]


def test_what_ended_does_not_begin_again(store, begun):
    assert store.change_subscription(begun.id, ACT, state=SubscriptionState.ENDED.value)
    assert not store.change_subscription(begun.id, ACT, state=SubscriptionState.ACTIVE.value)
    assert store.list_due_subscriptions(NOW) == ()


def test_attempts_are_forgotten_after_their_time(store, begun):
    store.note_attempt(begun, TAKEN)
    store.note_attempt(begun, replace(TAKEN, at=NOW + timedelta(days=31)))
    assert store.forget_attempts(NOW + timedelta(days=1)) == 1
    assert [one.at for one in store.list_attempts(begun.id)] == [NOW + timedelta(days=31)]


def test_each_act_is_in_the_trail(store, journal, begun):
    assert [entry.action for entry in journal.list_audit_entries()] == ["subscription.new"] * 2
    assert begun.state is SubscriptionState.ACTIVE
