"""States of a parcel: each change is possible from some states only, and any other parcel is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passerelle.stores import parcels
from passerelle.stores.database import open_reader, open_writer
from passerelle.vocabulary.arrivals import TAKEN_AGAIN, ArrivalMarks, Mark
from passerelle.vocabulary.errors import FatalError

FLOW, DIGEST = "visites", "a" * 64
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
CODE = "incident.supplier.unreachable"
SECOND = timedelta(seconds=1)


@pytest.fixture
def connection(registered, engine):
    with open_writer(engine) as connection:
        yield connection


def _refusal(action, *arguments) -> str:
    with pytest.raises(FatalError) as caught:
        action(*arguments)
    return caught.value.code


def test_a_parcel_is_added_once_for_a_flow_and_only_a_parked_replay_again(connection, seal, make):
    assert not parcels.add(connection, seal, make.parcel(), parcels.SUPPLIED)
    assert not parcels.add(connection, seal, make.parcel(), parcels.REPLAY), "open already"
    parcels.park(connection, FLOW, DIGEST, CODE, NOW)
    assert not parcels.add(connection, seal, make.parcel(), parcels.SUPPLIED), "a supplier's parcel stays parked"
    assert parcels.add(connection, seal, make.parcel(), parcels.REPLAY)
    assert parcels.add(connection, seal, make.parcel(flow="other"), parcels.SUPPLIED)


def test_bytes_that_arrive_again_are_another_parcel_and_the_parked_one_is_dropped(connection, seal, make):
    again = ArrivalMarks((Mark("file/2"),))
    parcels.park(connection, FLOW, DIGEST, CODE, NOW)
    assert parcels.add(connection, seal, make.parcel(), parcels.SUPPLIED, again) == f"{DIGEST}-2"
    assert parcels.add(connection, seal, make.parcel(), parcels.SUPPLIED, again) == "", "the same arrival"
    assert parcels.add(connection, seal, make.parcel(), parcels.SUPPLIED, TAKEN_AGAIN) == f"{DIGEST}-3"
    assert not parcels.reopen(connection, FLOW, DIGEST), "dropped is final"
    assert [entry.parcel.key for entry in parcels.list_open(connection, FLOW, NOW)] == [f"{DIGEST}-2", f"{DIGEST}-3"]


def test_a_replay_of_the_same_lines_is_another_one_once_the_first_ended(connection, seal, make):
    first = parcels.add(connection, seal, make.parcel("b"), parcels.REPLAY)
    assert parcels.add(connection, seal, make.parcel("b"), parcels.REPLAY) == "", "not finished yet"
    parcels.close(connection, FLOW, first, 0, NOW)
    assert parcels.add(connection, seal, make.parcel("b"), parcels.REPLAY) == f"{first}-2"


def test_only_a_parked_parcel_is_dropped_and_its_bytes_are_no_longer_needed(connection):
    assert not parcels.drop(connection, FLOW, DIGEST, NOW)
    parcels.park(connection, FLOW, DIGEST, CODE, NOW)
    assert parcels.list_closed_before(connection, NOW + SECOND) == ()
    assert parcels.drop(connection, FLOW, DIGEST, NOW)
    assert parcels.list_closed_before(connection, NOW + SECOND) == (DIGEST,)


def test_an_open_parcel_cannot_be_reopened_and_a_waiting_or_parked_one_can(connection):
    assert not parcels.reopen(connection, FLOW, DIGEST)
    parcels.wait(connection, FLOW, DIGEST, CODE, NOW)
    assert parcels.reopen(connection, FLOW, DIGEST)
    parcels.park(connection, FLOW, DIGEST, CODE, NOW)
    assert parcels.reopen(connection, FLOW, DIGEST)
    assert not parcels.reopen(connection, FLOW, "f" * 64)


def test_a_finished_parcel_takes_no_further_step(connection):
    parcels.close(connection, FLOW, DIGEST, 0, NOW)
    assert not parcels.reopen(connection, FLOW, DIGEST)
    for step in (
        lambda: parcels.close(connection, FLOW, DIGEST, 0, NOW),
        lambda: parcels.park(connection, FLOW, DIGEST, CODE, NOW),
        lambda: parcels.wait(connection, FLOW, DIGEST, CODE, NOW),
        lambda: parcels.find_open_id(connection, FLOW, DIGEST),
    ):
        assert _refusal(step) == "incident.parcel.closed"
    assert _refusal(parcels.park, connection, FLOW, "f" * 64, CODE, NOW) == "incident.parcel.unregistered"


def test_a_parcel_waits_up_to_its_moment_and_not_beyond(connection):
    parcels.wait(connection, FLOW, DIGEST, CODE, NOW)
    (before,) = parcels.list_open(connection, FLOW, NOW - SECOND)
    (then,) = parcels.list_open(connection, FLOW, NOW)
    assert (before.not_before, then.not_before) == (NOW, None)


def test_failed_tries_count_up_until_there_is_progress(connection):
    for _ in range(3):
        parcels.wait(connection, FLOW, DIGEST, CODE, NOW + SECOND)
    (entry,) = parcels.list_open(connection, FLOW, NOW)
    assert entry.attempts == 3
    parcels.note_progress(connection, parcels.find_open_id(connection, FLOW, DIGEST))
    (entry,) = parcels.list_open(connection, FLOW, NOW)
    assert (entry.attempts, entry.not_before) == (0, None)


def test_digests_are_needed_until_the_moment_after_the_last_flow_finished(connection, seal, make):
    parcels.close(connection, FLOW, DIGEST, 0, NOW)
    assert parcels.list_closed_before(connection, NOW) == ()
    assert parcels.list_closed_before(connection, NOW + SECOND) == (DIGEST,)
    parcels.add(connection, seal, make.parcel(flow="other"), parcels.SUPPLIED)
    assert parcels.list_closed_before(connection, NOW + SECOND) == ()


def test_digests_are_found_by_number(registered, make, engine):
    number = registered.get_parcel_number(FLOW, DIGEST)
    with open_reader(engine) as connection:
        assert parcels.find_digests(connection, [number, 999]) == {number: DIGEST}
        assert parcels.find_digests(connection, []) == {}
