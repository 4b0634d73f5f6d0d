"""One list of each flow counts, and a person's yes is for one parcel and one question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passerelle.stores.database import open_writer
from passerelle.stores.whole_book import WholeListRow, note_whole_list

FLOW = "visites"
KEY = "a" * 64
HELD = "whole.parcel.held"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def parcel_id(registered):
    return registered.get_parcel_number(FLOW, KEY)


def test_the_latest_list_of_a_flow_counts_and_no_other_flow_has_it(engine, registered, parcel_id):
    assert registered.find_whole_list(FLOW) is None
    for digest, now in (("1" * 64, NOW), ("2" * 64, LATER)):
        with open_writer(engine) as connection:
            note_whole_list(connection, FLOW, digest, parcel_id, now)
    assert registered.list_whole_lists() == (WholeListRow(FLOW, "2" * 64, parcel_id, LATER),)
    assert registered.find_whole_list("other") is None


def test_a_forgotten_list_is_the_one_of_its_flow_only(engine, registered, parcel_id):
    for flow in (FLOW, "other"):
        with open_writer(engine) as connection:
            note_whole_list(connection, flow, "1" * 64, parcel_id, NOW)
    registered.forget_whole_list(FLOW)
    assert [row.flow for row in registered.list_whole_lists()] == ["other"]


def test_a_yes_reopens_a_parked_parcel_and_is_for_its_question_only(registered, make, parcel_id):
    registered.register(make.parcel("b"))
    registered.park_parcel(FLOW, KEY, HELD, NOW)
    assert registered.confirm_parcel(FLOW, KEY, HELD, NOW) is True
    assert registered.get_parcel_number(FLOW, KEY) == parcel_id, "it is open again"
    assert registered.is_confirmed(parcel_id, HELD)
    assert not registered.is_confirmed(parcel_id, "whole.parcel.thinned")
    assert not registered.is_confirmed(registered.get_parcel_number(FLOW, "b" * 64), HELD)


def test_a_parcel_that_is_held_again_can_be_confirmed_again(registered, parcel_id):
    for _time in range(2):
        registered.park_parcel(FLOW, KEY, HELD, NOW)
        assert registered.confirm_parcel(FLOW, KEY, HELD, LATER) is True
    assert registered.is_confirmed(parcel_id, HELD)


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_parcel_that_is_not_held_takes_no_yes(registered, parcel_id, is_closed):
    if is_closed:
        registered.close_parcel(FLOW, KEY, 0, NOW)
    assert registered.confirm_parcel(FLOW, KEY, HELD, NOW) is False
    assert not registered.is_confirmed(parcel_id, HELD)
    assert registered.confirm_parcel("other", KEY, HELD, NOW) is False


def test_a_parcel_that_is_parked_for_another_reason_takes_no_yes(registered, parcel_id):
    registered.park_parcel(FLOW, KEY, "decode.archive.broken", NOW)
    assert registered.confirm_parcel(FLOW, KEY, HELD, NOW) is False
    assert not registered.is_confirmed(parcel_id, HELD)
    assert registered.list_open_parcels(FLOW, NOW) == ()
