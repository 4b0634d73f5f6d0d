"""Upkeep of the journal: an act is in the audit trail when it happened, and only then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passerelle.stores.integrity import DatabaseFileState
from passerelle.stores.trail import AuditEntry

FLOW, DIGEST, OTHER = "visites", "a" * 64, "b" * 64
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def act(action):
    return AuditEntry(0, NOW, action, FLOW, "why", "who")


def list_acts(journal):
    return [entry.action for entry in journal.list_audit_entries()]


def test_a_parcel_that_is_dropped_or_tried_again_leaves_the_act_that_did_it(registered):
    assert registered.drop_parcel(FLOW, DIGEST, act("parcel.drop"))
    assert registered.retry_parcel(FLOW, DIGEST, act("parcel.retry"))
    assert list_acts(registered) == ["parcel.drop", "parcel.retry"]
    assert [entry.parcel.key for entry in registered.list_open_parcels(FLOW, NOW)] == [DIGEST]


@pytest.mark.parametrize("key", [OTHER, f"{DIGEST}-2"])
def test_an_act_on_a_parcel_that_is_not_there_is_no_act(registered, key):
    assert not registered.drop_parcel(FLOW, key, act("parcel.drop"))
    assert not registered.retry_parcel(FLOW, key, act("parcel.retry"))
    assert list_acts(registered) == []


def test_a_finished_parcel_is_neither_dropped_nor_tried_again(registered):
    registered.close_parcel(FLOW, DIGEST, 0, NOW)
    assert not registered.drop_parcel(FLOW, DIGEST, act("parcel.drop"))
    assert not registered.retry_parcel(FLOW, DIGEST, act("parcel.retry"))
    assert list_acts(registered) == []


def test_only_what_was_parked_before_a_moment_is_given_up(registered):
    registered.park_parcel(FLOW, DIGEST, "decode.parcel.empty", NOW)
    assert registered.drop_parked_before(NOW) == 0
    assert registered.drop_parked_before(NOW + SECOND) == 1
    assert registered.drop_parked_before(NOW + SECOND) == 0


def test_bytes_are_needed_until_every_flow_is_done_with_them(registered, make):
    assert registered.find_unregistered([DIGEST, OTHER]) == {OTHER}
    registered.register(make.parcel(flow="autre"))
    registered.close_parcel(FLOW, DIGEST, 0, NOW)
    assert registered.list_closed_before(NOW + SECOND) == ()
    registered.close_parcel("autre", DIGEST, 0, NOW)
    assert registered.list_closed_before(NOW) == ()
    assert registered.list_closed_before(NOW + SECOND) == (DIGEST,)


def test_a_journal_as_it_was_left_is_sound_to_its_last_block(registered, make):
    registered.settle(make.settlement(known=(make.known(b"k"),)))
    assert registered.check_health(thoroughly=True) is not DatabaseFileState.CHANGED
