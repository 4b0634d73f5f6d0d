"""When a source was last heard of, and how much its finished parcels brought."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passerelle.stores.parcels import LOOK, REPLAY
from passerelle.stores.regularity import ParcelSize

FLOW = "visites"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_flow_that_nobody_heard_of_has_no_last_arrival(journal):
    assert journal.find_last_arrival(FLOW) is None
    assert journal.find_first_run(FLOW) is None
    assert journal.list_sizes(FLOW, 9) == ()


def test_the_later_of_a_parcel_and_a_sign_of_life_counts(registered):
    registered.note_heard(FLOW, NOW - HOUR)
    assert registered.find_last_arrival(FLOW) == NOW, "the parcel came later"
    registered.note_heard(FLOW, NOW + HOUR)
    assert registered.find_last_arrival(FLOW) == NOW + HOUR
    assert registered.find_last_arrival("other") is None


def test_a_replay_and_a_look_are_no_arrival_and_have_no_size(journal, make):
    for letter, kind in (("a", REPLAY), ("b", LOOK)):
        journal.register(make.parcel(letter), kind=kind)
        journal.close_parcel(FLOW, letter * 64, 0, NOW)
    assert journal.find_last_arrival(FLOW) is None
    assert journal.list_sizes(FLOW, 9) == ()


def test_the_first_run_is_the_first_of_that_very_name(journal):
    journal.begin_run(["visites-2"], NOW)
    assert journal.find_first_run(FLOW) is None
    journal.begin_run(["personnes", FLOW], NOW + HOUR)
    journal.begin_run([FLOW], NOW + 2 * HOUR)
    assert journal.find_first_run(FLOW) == NOW + HOUR


def test_sizes_are_of_finished_parcels_the_latest_first_up_to_a_limit(registered, make):
    registered.settle(make.settlement(0, delivered=3))
    assert registered.list_sizes(FLOW, 9) == (), "it is not finished"
    run = registered.begin_run([FLOW], NOW)
    registered.settle(make.settlement(1, delivered=4, run=run))
    registered.close_parcel(FLOW, "a" * 64, 2, NOW)
    registered.register(make.parcel("b"))
    registered.close_parcel(FLOW, "b" * 64, 0, NOW)
    latest, first = ParcelSize("b" * 64, 0, 0), ParcelSize("a" * 64, run, 7)
    assert registered.list_sizes(FLOW, 9) == (latest, first)
    assert registered.list_sizes(FLOW, 1) == (latest,)
