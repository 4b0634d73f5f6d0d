"""The journal: parcels are registered once, batches settled once, and the books always balance."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from sqlalchemy import text

from passerelle.stores.database import open_database, open_reader, open_writer
from passerelle.stores.instants import from_microseconds, to_microseconds
from passerelle.stores.journal import Journal, Suspension
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.parcels import BatchKey

FLOW = "visites"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _refusal(action, *args) -> str:
    with pytest.raises(FatalError) as caught:
        action(*args)
    return caught.value.code


def test_the_same_parcel_is_registered_once_for_a_flow(journal, make):
    assert journal.register(make.parcel())
    assert not journal.register(make.parcel())
    assert journal.register(make.parcel(flow="other"))
    assert len(journal.list_open_parcels(FLOW, NOW)) == 1


def test_a_parcel_and_its_cursor_move_together(journal, make):
    assert journal.get_cursor(FLOW) == ""
    journal.register(make.parcel(), cursor="page-2")
    assert journal.get_cursor(FLOW) == "page-2"
    assert not journal.register(make.parcel(), cursor="page-3")
    assert journal.get_cursor(FLOW) == "page-3"
    journal.register(make.parcel("b"))
    assert journal.get_cursor(FLOW) == "page-3"


def test_a_cursor_is_not_moved_when_the_parcel_cannot_be_registered(journal, make):
    broken = replace(make.parcel(), received_at=None)
    assert _refusal(lambda: journal.register(broken, cursor="page-2")) == "incident.database.failed"
    assert journal.get_cursor(FLOW) == ""
    assert journal.list_open_parcels(FLOW, NOW) == ()


def test_open_parcels_come_in_order_of_registration_without_their_name(journal, make):
    for letter in "cab":
        journal.register(make.parcel(letter))
    entries = journal.list_open_parcels(FLOW, NOW)
    assert [entry.parcel for entry in entries] == [replace(make.parcel(letter), name="") for letter in "cab"]
    assert {(entry.kind, entry.attempts, entry.not_before, entry.settled) for entry in entries} == {
        ("supplied", 0, None, frozenset())
    }


def test_a_batch_is_settled_once(registered, make):
    registered.settle(make.settlement(known=[make.known(b"1")]))
    assert _refusal(registered.settle, make.settlement(known=[make.known(b"1")])) == "incident.batch.settled"
    assert registered.list_open_parcels(FLOW, NOW)[0].settled == {0}
    assert sum((book.balance for book in registered.list_balances()), Balance()) == Balance(1, {Fate.DELIVERED: 1})


def test_several_batches_are_settled_together_or_none_of_them(registered, make):
    registered.settle(make.settlement(1))
    assert _refusal(registered.settle, make.settlement(0), make.settlement(1)) == "incident.batch.settled"
    assert registered.list_open_parcels(FLOW, NOW)[0].settled == {1}
    registered.settle(make.settlement(0), make.settlement(2))
    assert registered.list_open_parcels(FLOW, NOW)[0].settled == {0, 1, 2}


def test_books_that_do_not_add_up_are_refused_whole(registered, quarantine, make):
    wrong = replace(make.settlement(items=[make.item()]), balance=Balance(3, {Fate.REJECTED: 1}))
    assert _refusal(registered.settle, wrong) == "incident.books.unbalanced"
    assert registered.list_balances() == ()
    assert quarantine.list_rows() == ()


def test_the_database_itself_refuses_books_that_do_not_add_up(registered, make, engine):
    registered.settle(make.settlement(known=[make.known(b"1")]))
    with pytest.raises(FatalError), open_writer(engine) as connection:
        connection.execute(text("UPDATE batch SET received = 7"))


def test_a_batch_of_an_unknown_or_finished_parcel_is_refused(registered, make):
    assert _refusal(registered.settle, make.settlement(parcel="f")) == "incident.parcel.unregistered"
    registered.settle(make.settlement(0))
    registered.close_parcel(FLOW, "a" * 64, 1, NOW)
    assert _refusal(registered.settle, make.settlement(1)) == "incident.parcel.closed"


def test_nothing_of_a_batch_stays_when_a_part_of_it_fails(registered, quarantine, make):
    wrong = make.settlement(items=[make.item()], known=[replace(make.known(b"1"), contract=None)])
    assert _refusal(registered.settle, wrong) == "incident.database.failed"
    assert registered.list_balances() == ()
    assert registered.count_reasons() == {}
    assert quarantine.list_rows() == ()
    registered.settle(make.settlement(items=[make.item()], known=[make.known(b"1")]))


def test_a_run_that_was_never_begun_cannot_settle(journal, make):
    journal.register(make.parcel())
    assert _refusal(journal.settle, make.settlement(run=9)) == "incident.database.failed"


def test_a_parcel_closes_only_when_all_its_batches_are_settled(registered, make):
    registered.settle(make.settlement(1))
    assert _refusal(registered.close_parcel, FLOW, "a" * 64, 2, NOW) == "incident.books.incomplete"
    registered.settle(make.settlement(0))
    assert _refusal(registered.close_parcel, FLOW, "a" * 64, 3, NOW) == "incident.books.incomplete"
    registered.close_parcel(FLOW, "a" * 64, 2, NOW)
    assert registered.list_open_parcels(FLOW, NOW) == ()
    assert registered.list_parcels()[0].state == "done"


def test_a_waiting_parcel_says_until_when_and_counts_its_tries(registered, make):
    for _ in range(2):
        registered.wait_parcel(FLOW, "a" * 64, "incident.supplier.unreachable", NOW + HOUR)
    entry = registered.list_open_parcels(FLOW, NOW)[0]
    assert (entry.attempts, entry.not_before) == (2, NOW + HOUR)
    assert registered.list_open_parcels(FLOW, NOW + HOUR)[0].not_before is None
    assert registered.list_parcels(FLOW)[0].code == "incident.supplier.unreachable"
    registered.settle(make.settlement(0))
    entry = registered.list_open_parcels(FLOW, NOW)[0]
    assert (entry.attempts, entry.not_before) == (0, None)


def test_a_parked_parcel_is_passed_over_until_it_is_reopened(registered, make):
    registered.park_parcel(FLOW, "a" * 64, "incident.supplier.unreachable", NOW)
    assert registered.list_open_parcels(FLOW, NOW) == ()
    assert not registered.register(make.parcel())
    assert registered.list_open_parcels(FLOW, NOW) == ()
    assert registered.reopen_parcel(FLOW, "a" * 64)
    assert not registered.reopen_parcel(FLOW, "a" * 64)
    assert len(registered.list_open_parcels(FLOW, NOW)) == 1


def test_a_parked_parcel_keeps_what_its_reason_says_and_takes_the_answer_of_a_person(registered):
    registered.park_parcel(FLOW, "a" * 64, "translate.column.gone", NOW, details={"columns": "«Été»"})
    (row,) = registered.list_parcels(FLOW)
    assert json.loads(row.details) == {"columns": "«Été»"}
    assert registered.reopen_parcel(FLOW, "a" * 64, absent="keep")
    assert registered.list_parcels(FLOW)[0].details == ""
    assert registered.list_open_parcels(FLOW, NOW)[0].absent == "keep"
    # resumed again without an answer, the one that was given stays
    registered.park_parcel(FLOW, "a" * 64, "incident.supplier.unreachable", NOW)
    registered.reopen_parcel(FLOW, "a" * 64)
    assert registered.list_open_parcels(FLOW, NOW)[0].absent == "keep"


def test_the_columns_of_settled_batches_are_met_once_and_for_their_flow_alone(registered, make):
    assert registered.list_columns_met(FLOW) == {}
    for number in (0, 1):
        registered.settle(replace(make.settlement(number), member="m", columns=("Nom", "Tel")))
    registered.settle(replace(make.settlement(2), member="n", columns=("Nom",)))
    assert registered.list_columns_met(FLOW) == {"m": {"Nom", "Tel"}, "n": {"Nom"}}
    assert registered.list_columns_met("other") == {}
    registered.forget_columns(FLOW, {"m": ["Tel"], "n": []})
    assert registered.list_columns_met(FLOW) == {"m": {"Nom"}, "n": {"Nom"}}


def test_the_last_batch_that_delivered_something_is_known(registered, make):
    assert registered.find_last_delivered(FLOW) is None
    for number in (1, 2, 0):
        registered.settle(make.settlement(number, delivered=number, at=NOW + HOUR))
    assert registered.find_last_delivered(FLOW) == BatchKey("a" * 64, 2)
    assert registered.find_last_delivered("other") is None


def test_a_later_batch_is_the_last_when_it_deleted_something_and_not_when_it_did_nothing(registered, make):
    registered.settle(make.settlement(0, delivered=1))
    registered.settle(make.settlement(1, delivered=0, at=NOW + HOUR))
    assert registered.find_last_delivered(FLOW) == BatchKey("a" * 64, 0)
    nothing = make.settlement(2, delivered=0, at=NOW + HOUR)
    registered.settle(replace(nothing, balance=replace(nothing.balance, withdrawn=1)))
    assert registered.find_last_delivered(FLOW) == BatchKey("a" * 64, 2)


def test_what_was_delivered_last_is_so_though_the_clock_was_ahead_in_an_earlier_run(registered, make):
    registered.settle(make.settlement(0, delivered=1, at=NOW + timedelta(days=4_400)))
    later = registered.begin_run([FLOW], NOW)
    registered.settle(make.settlement(1, delivered=1, run=later, at=NOW))
    assert registered.find_last_delivered(FLOW) == BatchKey("a" * 64, 1)


def test_only_what_every_flow_has_finished_may_go(registered, make):
    registered.register(make.parcel(flow="other"))
    registered.register(make.parcel("b"))
    registered.park_parcel(FLOW, "b" * 64, "incident.supplier.unreachable", NOW)
    registered.settle(make.settlement(0))
    registered.close_parcel(FLOW, "a" * 64, 1, NOW)
    assert registered.list_closed_before(NOW + HOUR) == ()
    registered.settle(make.settlement(0, flow="other"))
    registered.close_parcel("other", "a" * 64, 1, NOW + HOUR)
    assert registered.list_closed_before(NOW + HOUR) == ()
    assert registered.list_closed_before(NOW + 2 * HOUR) == ("a" * 64,)


def test_a_suspended_flow_says_why_until_it_is_resumed(journal):
    assert journal.find_suspension(FLOW) is None
    journal.suspend(FLOW, "incident.key.other", NOW)
    assert journal.find_suspension(FLOW) == Suspension(FLOW, "incident.key.other", NOW)
    assert journal.find_suspension("other") is None
    journal.resume(FLOW)
    assert journal.find_suspension(FLOW) is None


def test_suspending_does_not_touch_the_cursor(journal, make):
    journal.register(make.parcel(), cursor="page-2")
    journal.suspend(FLOW, "incident.key.other", NOW)
    journal.resume(FLOW)
    assert journal.get_cursor(FLOW) == "page-2"


def test_books_are_kept_by_parcel_run_and_day(registered, make):
    second = registered.begin_run([FLOW, "other"], NOW + HOUR)
    registered.settle(make.settlement(0, delivered=5, items=[make.item()]))
    registered.settle(make.settlement(1, delivered=7))
    registered.settle(make.settlement(2, delivered=11, run=second, at=NOW + 24 * HOUR))
    found = [(book.run, book.day, book.balance.received) for book in registered.list_balances(FLOW)]
    assert found == [(1, date(2026, 3, 1), 13), (second, date(2026, 3, 2), 11)]
    assert all(book.balance.adds_up for book in registered.list_balances())
    assert registered.list_balances("other") == ()
    row = registered.list_parcels(FLOW)[0]
    assert (row.batches, row.balance.received, row.balance.fates[Fate.REJECTED]) == (3, 24, 1)


def test_reasons_are_counted_by_flow_parcel_and_run(registered, make):
    late = make.item(reason="translate.row.out_of_scope")
    registered.settle(make.settlement(0, items=[make.item(), make.item()]))
    registered.settle(make.settlement(1, items=[make.item(), make.item()]))
    registered.settle(make.settlement(2, items=[late]))
    counts = {key.code: count for key, count in registered.count_reasons(FLOW).items()}
    assert counts == {"validate.field.missing": 4, "translate.row.out_of_scope": 1}
    assert registered.count_reasons(parcel="b" * 64) == {}
    assert registered.count_reasons(run=1) == registered.count_reasons()
    assert registered.count_reasons("other") == {}


def test_runs_are_listed_latest_first_and_a_killed_one_has_no_end(journal):
    first = journal.begin_run(["one", "two"], NOW)
    second = journal.begin_run(["one"], NOW + HOUR)
    journal.end_run(second, "settled", NOW + 2 * HOUR)
    runs = journal.list_runs()
    assert [(row.id, row.flows, row.ended_at, row.outcome) for row in runs] == [
        (second, ("one",), NOW + 2 * HOUR, "settled"),
        (first, ("one", "two"), None, ""),
    ]
    assert journal.list_runs(limit=1) == runs[:1]


def test_a_journal_written_with_another_key_is_not_touched(journal_url, seal, journal):
    other = open_database(journal_url)
    with pytest.raises(FatalError) as caught:
        Journal(other, Seal(bytes(32)))
    assert caught.value.code == "incident.key.other"
    Journal(other, seal)
    other.dispose()


def test_a_time_without_an_offset_is_never_stored(journal):
    with pytest.raises(FatalError):
        journal.begin_run([FLOW], NOW.replace(tzinfo=None))
    assert journal.list_runs() == ()


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_moment_comes_back_to_the_microsecond(value):
    assert from_microseconds(to_microseconds(value)) == value


COUNTS = st.lists(st.integers(0, 10**6), min_size=len(Fate), max_size=len(Fate))


@settings(max_examples=count_examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=COUNTS, withheld=st.integers(0, 10**9))
def test_any_books_come_back_as_they_were_entered(registered, make, engine, counts, withheld):
    with open_writer(engine) as connection:
        connection.execute(text("DELETE FROM batch"))
    balance = Balance(sum(counts), dict(zip(Fate, counts, strict=True)), withheld, 3)
    registered.settle(replace(make.settlement(0), balance=balance))
    found = registered.list_balances()[0].balance
    assert (found + Balance()).received == balance.received
    assert {fate: found.fates.get(fate, 0) for fate in Fate} == dict(balance.fates)
    assert (found.withheld_values, found.warnings) == (withheld, 3)
    with open_reader(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM batch")).scalar() == 1


def test_a_waiting_parcel_that_is_reopened_is_tried_at_once(registered, make):
    registered.wait_parcel(FLOW, "a" * 64, "incident.supplier.unreachable", NOW + timedelta(days=1))
    assert registered.reopen_parcel(FLOW, "a" * 64)
    (entry,) = registered.list_open_parcels(FLOW, NOW)
    assert (entry.not_before, entry.attempts) == (None, 0)


def test_what_only_the_whole_parcel_shows_stands_with_its_last_batch(registered, make):
    registered.settle(make.settlement(0))
    registered.settle(make.settlement(1))
    key = ReasonKey("visit/1", "", "validate.reference.unresolved", "", "person_ref", WARNING)
    registered.close_parcel(FLOW, "a" * 64, 2, NOW, warnings={key: 3})
    assert registered.count_reasons(FLOW) == {key: 3}
    assert sum((book.balance for book in registered.list_balances()), Balance()).warnings == 3
    assert registered.list_parcels()[0].state == "done"


def test_a_parcel_that_cannot_close_keeps_no_remark(registered, make):
    registered.settle(make.settlement(1))
    key = ReasonKey("visit/1", "", "validate.reference.unresolved", "", "person_ref", WARNING)
    with pytest.raises(FatalError):
        registered.close_parcel(FLOW, "a" * 64, 2, NOW, warnings={key: 3})
    assert registered.count_reasons(FLOW) == {}
