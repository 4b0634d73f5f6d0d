"""Reading the journal: balances, parcels, counts of reasons and runs are restricted only by what is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passerelle.stores import books
from passerelle.stores.database import open_reader
from passerelle.vocabulary.outcomes import Balance

FLOW, OTHER = "visites", "factures"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def settled(registered, make):
    """Settle two batches of one flow, in two runs, and one of another flow."""
    registered.register(make.parcel(flow=OTHER))
    later = registered.begin_run([FLOW, OTHER], NOW + timedelta(hours=1))
    missing, unknown = make.item(), make.item(reason="validate.word.unknown")
    registered.settle(make.settlement(0, items=[missing] * 3, delivered=4))
    registered.settle(make.settlement(1, items=[unknown], run=later))
    registered.settle(make.settlement(0, items=[unknown], run=later, flow=OTHER))
    return later


def _count(engine, flow="", parcel="", run=None) -> dict[str, int]:
    with open_reader(engine) as connection:
        return {key.code: count for key, count in books.count_reasons(connection, flow, parcel, run).items()}


def test_reasons_are_counted_most_frequent_first_within_what_is_asked(settled, engine):
    assert list(_count(engine).items()) == [("validate.field.missing", 3), ("validate.word.unknown", 2)]
    assert _count(engine, FLOW) == {"validate.field.missing": 3, "validate.word.unknown": 1}
    assert _count(engine, FLOW, run=settled) == {"validate.word.unknown": 1}
    assert _count(engine, parcel="a" * 64) == _count(engine)
    assert _count(engine, "nobody") == _count(engine, parcel="b" * 64) == _count(engine, run=99) == {}


def test_a_day_ends_at_midnight_in_universal_time(registered, make, engine):
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    registered.settle(make.settlement(0, delivered=1, at=midnight - timedelta(microseconds=1)))
    registered.settle(make.settlement(1, delivered=2, at=midnight))
    with open_reader(engine) as connection:
        days = [(book.day.day, book.balance.received) for book in books.list_balances(connection, FLOW)]
    assert days == [(1, 1), (2, 2)]


def test_a_parcel_of_which_nothing_is_settled_is_listed_with_an_empty_balance(registered, engine):
    with open_reader(engine) as connection:
        (row,) = books.list_parcels(connection, "")
        assert books.list_balances(connection, "") == ()
    assert (row.batches, row.balance, row.state, row.closed_at) == (0, Balance(), "open", None)


def test_settled_numbers_are_found_for_more_parcels_than_a_statement_has_parameters(settled, journal, engine):
    first = journal.get_parcel_number(FLOW, "a" * 64)
    # PostgreSQL takes 65,535 parameters; SQLite 32,766, or 250,000 as some distributions build it.
    count = 66_000 if engine.dialect.name == "postgresql" else 251_000
    others = range(first + 1_000, first + 1_000 + count)
    with open_reader(engine) as connection:
        found = books.find_settled_numbers(connection, [*others, first])
    assert found == dict.fromkeys(others, frozenset()) | {first: frozenset({0, 1})}


def test_settled_numbers_are_those_of_each_parcel_asked_for(settled, journal, engine):
    first, other = (journal.get_parcel_number(flow, "a" * 64) for flow in (FLOW, OTHER))
    with open_reader(engine) as connection:
        assert books.find_settled_numbers(connection, [first, other]) == {first: {0, 1}, other: {0}}
        assert books.find_settled_numbers(connection, [999]) == {999: frozenset()}
        assert books.find_settled_numbers(connection, []) == {}


def test_runs_are_listed_latest_first_up_to_a_limit(settled, journal, engine):
    journal.end_run(settled, "settled", NOW)
    with open_reader(engine) as connection:
        rows = books.list_runs(connection, None, "")
        assert books.list_runs(connection, 1, "") == rows[:1]
        assert books.list_runs(connection, 1, FLOW) == rows[:1]
        assert books.list_runs(connection, None, OTHER) == rows[:1]
        assert books.list_runs(connection, None, FLOW[:-1]) == ()
    assert [(row.id, row.flows, row.outcome) for row in rows] == [(settled, (FLOW, OTHER), "settled"), (1, (FLOW,), "")]
    assert rows[1].ended_at is None


def test_days_and_latest_parcels_are_those_that_were_asked_for(registered, make):
    registered.settle(make.settlement(0, delivered=2))
    registered.register(make.parcel("b"))
    registered.settle(make.settlement(0, parcel="b", delivered=3, at=make.now + timedelta(days=1)))
    registered.register(make.parcel("e"), kind="replay")
    registered.settle(make.settlement(0, parcel="e", delivered=5, at=make.now + timedelta(days=1)))
    days = [(one.flow, one.day, one.balance.received) for one in registered.list_days(make.now)]
    assert days == [(make.flow, make.now.date(), 2), (make.flow, make.now.date() + timedelta(days=1), 3)]
    assert [one.balance.received for one in registered.list_days(make.now + timedelta(hours=1))] == [3]
    assert registered.list_days(make.now, "other") == ()
    assert [row.key[0] for row in registered.list_parcels(make.flow, latest=2)] == ["b", "e"]
    assert len(registered.list_parcels(make.flow)) == 3


def test_a_run_is_told_by_parcel_also_while_it_goes_on(settled, journal):
    (first,) = journal.list_run_parcels(settled - 1)
    assert (first.flow, first.batches, first.balance.received, first.balance.aside) == (FLOW, 1, 7, 3)
    assert [(one.flow, one.balance.received) for one in journal.list_run_parcels(settled)] == [(FLOW, 1), (OTHER, 1)]
    assert journal.list_run_parcels(99) == ()
    assert journal.find_run(settled).ended_at is None
    assert journal.find_run(99) is None
