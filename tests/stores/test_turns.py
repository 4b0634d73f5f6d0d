"""Turns of flows: one holder at a time, a number that only grows, and nobody who is due is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from passerelle.stores.claims import claim_flow
from passerelle.stores.database import open_database, open_reader, open_server, open_writer
from passerelle.stores.journal import Journal
from passerelle.stores.tenancy import EVERYBODY
from passerelle.stores.turn_schema import turn
from passerelle.stores.turns import VERSION, TurnRules, Turns, mark_due
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.turns import FlowKey, TurnRest

VISITS, PEOPLE = FlowKey("una-35", "visites"), FlowKey("una-35", "usagers")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2090, 1, 1, tzinfo=UTC)


@pytest.fixture
def engine(journal_url):
    engine = open_database(journal_url, "una-35")
    yield engine
    engine.dispose()


@pytest.fixture
def rung() -> list[FlowKey]:
    return []


@pytest.fixture
def turns(engine, rung) -> Turns:
    return Turns(engine, "first", ring=lambda _connection, key: rung.append(key))


@pytest.fixture
def others(engine) -> Turns:
    return Turns(engine, "second")


def _let_die(engine, key: FlowKey = VISITS) -> None:
    """Let the holder of a turn have been silent for too long."""
    with open_writer(engine) as connection:
        connection.execute(update(turn).where(turn.c.flow == key.flow).values(held_until=LONG_AGO))


def test_one_worker_at_a_time_has_the_turn_of_a_flow(turns, others):
    fence = turns.take(VISITS)
    assert fence is not None
    assert others.take(VISITS) is None
    assert others.take(PEOPLE) is not None
    assert turns.give_back(fence, TurnRest(FAR_AHEAD))
    later = others.take(VISITS)
    assert later is not None
    assert later.number > fence.number


def test_a_flow_of_the_same_name_in_another_organisation_is_another_flow(turns, journal_url):
    assert turns.take(VISITS)
    elsewhere = open_database(journal_url, "admr-81")
    assert Turns(elsewhere, "second").take(FlowKey("admr-81", "visites"))
    elsewhere.dispose()


def test_whose_worker_is_dead_is_taken_over_and_the_late_one_neither_holds_nor_gives_back(engine, turns, others):
    late = turns.take(VISITS)
    assert turns.holds(late)
    _let_die(engine)
    taken = others.take(VISITS)
    assert taken is not None
    assert not turns.holds(late)
    assert not turns.give_back(late, TurnRest(LONG_AGO))
    assert others.holds(taken)


def test_being_asked_prolongs_the_turn_of_who_was_silent_and_not_overtaken(engine, turns, others):
    fence = turns.take(VISITS)
    _let_die(engine)
    assert turns.holds(fence)
    assert others.take(VISITS) is None


def test_what_is_left_is_due_at_once_and_rung_for_when_the_turn_ends(turns, rung):
    fence = turns.take(VISITS)
    assert turns.list_due() == []
    turns.give_back(fence, TurnRest(LONG_AGO, left=3))
    assert rung == [VISITS]
    assert turns.list_due() == [VISITS]


def test_a_worker_whose_clock_is_ahead_rings_at_once_for_what_it_left(turns, rung):
    turns.give_back(turns.take(VISITS), TurnRest(FAR_AHEAD, left=3, is_cut=True))
    assert rung == [VISITS]
    assert turns.list_due() == [VISITS]


def test_a_flow_with_nothing_left_waits_for_its_moment(turns, rung):
    turns.give_back(turns.take(VISITS), TurnRest(FAR_AHEAD))
    assert rung == []
    assert turns.list_due() == []


def test_what_came_while_a_turn_was_held_is_due_when_it_ends(engine, turns, rung):
    fence = turns.take(VISITS)
    with open_writer(engine) as connection:
        mark_due(connection, VISITS, LONG_AGO)
    turns.give_back(fence, TurnRest(FAR_AHEAD))
    assert rung == [VISITS]


def test_a_later_moment_never_puts_off_an_earlier_one(engine, turns):
    for moment in (LONG_AGO, FAR_AHEAD):
        with open_writer(engine) as connection:
            mark_due(connection, VISITS, moment)
    turns.enrol({VISITS: FAR_AHEAD, PEOPLE: FAR_AHEAD})
    assert turns.list_due() == [VISITS]


def test_the_flow_of_a_dead_worker_is_due_whatever_its_moment(engine, turns):
    turns.take(VISITS)
    _let_die(engine)
    assert turns.list_due() == [VISITS]
    counts = turns.count()
    assert (counts.flows, counts.due, counts.in_hand, counts.lost) == (1, 0, 0, 1)


def test_turns_are_counted(turns):
    turns.enrol({VISITS: LONG_AGO, PEOPLE: FAR_AHEAD})
    turns.take(PEOPLE)
    counts = turns.count()
    assert (counts.flows, counts.due, counts.in_hand, counts.lost) == (2, 1, 1, 0)
    assert counts.oldest_due == LONG_AGO
    assert turns.list_owners() == ["first"]


def test_an_organisation_has_no_more_turns_than_it_may_and_the_next_is_rung_for_when_one_ends(
    engine, rung, journal_url
):
    turns = Turns(
        engine, "first", TurnRules(per_organisation=1), ring=lambda _connection, key, most=0: rung.append((key, most))
    )
    turns.enrol({VISITS: FAR_AHEAD, PEOPLE: LONG_AGO})
    fence = turns.take(VISITS)
    assert turns.take(PEOPLE) is None
    elsewhere = open_database(journal_url, "admr-81")
    assert Turns(elsewhere, "first", TurnRules(per_organisation=1)).take(FlowKey("admr-81", "visites"))
    elsewhere.dispose()
    assert rung == []
    turns.give_back(fence, TurnRest(FAR_AHEAD))
    assert rung == [(PEOPLE, 1)]
    assert turns.take(PEOPLE)


def test_a_flow_that_a_command_works_on_is_put_off_and_the_next_one_rung_for(copied_postgresql_url):
    engine, rung = open_database(copied_postgresql_url, "una-35"), []
    turns = Turns(engine, "first", TurnRules(per_organisation=2), ring=lambda _connection, key, _most: rung.append(key))
    turns.enrol({VISITS: LONG_AGO, PEOPLE: LONG_AGO})
    with claim_flow(engine, VISITS.flow):
        assert turns.take(VISITS) is None
    assert rung == [PEOPLE]
    assert turns.list_due() == [PEOPLE]
    assert turns.list_due(-timedelta(minutes=2)) == [PEOPLE, VISITS]
    engine.dispose()


def test_who_works_for_several_organisations_sees_when_their_flows_are_due_and_takes_each_under_its_name(
    copied_postgresql_url,
):
    names = ("admr-81", "ccas-29", "una-35")
    keys = [FlowKey(name, "visites") for name in names]
    for key in keys:
        engine = open_database(copied_postgresql_url, key.organisation)
        Turns(engine, "alone").enrol({key: LONG_AGO})
        engine.dispose()
    engine, served = open_server(copied_postgresql_url, EVERYBODY), ["admr-81", "una-35"]
    turns = Turns(engine, "shared", TurnRules(per_organisation=2), serves=lambda: served)
    assert turns.list_due() == [keys[0], keys[2]]
    fence = turns.take(keys[2])
    assert turns.holds(fence)
    counts = turns.count_each()
    assert {name: (each.flows, each.due, each.in_hand) for name, each in counts.items()} == {
        "admr-81": (1, 1, 0),
        "una-35": (1, 0, 1),
    }
    assert turns.give_back(fence, TurnRest(FAR_AHEAD))
    turns.enrol({FlowKey("una-35", "usagers"): LONG_AGO})
    served.append("ccas-29")
    assert {key.organisation for key in turns.list_due()} == set(names)
    # what it does is done under a name: without one, nothing is written
    with open_writer(engine) as connection:
        assert connection.execute(text("UPDATE turn SET due_at = 0")).rowcount == 0
        assert connection.execute(text("SELECT count(*) FROM parcel")).scalar() == 0
    engine.dispose()


def test_two_workers_at_the_same_moment_do_not_both_find_the_last_room(copied_postgresql_url):
    keys = [FlowKey("una-35", f"flux-{number}") for number in range(12)]
    engine = open_database(copied_postgresql_url, "una-35")
    rules = TurnRules(per_organisation=2)
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda key: Turns(engine, key.flow, rules).take(key), keys))
    assert sum(fence is not None for fence in taken) == 2
    engine.dispose()


def test_a_flow_that_a_later_program_wrote_is_left_alone(engine, turns):
    turns.enrol({VISITS: LONG_AGO})
    with open_writer(engine) as connection:
        connection.execute(update(turn).values(needs=VERSION + 1))
    assert turns.take(VISITS) is None
    assert turns.list_due() == []


def test_on_one_machine_the_clock_is_the_one_that_is_given(migrated_sqlite, tmp_path):
    path = tmp_path / "journal.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    engine, moments = open_database(path), [LONG_AGO]
    turns = Turns(engine, "first", TurnRules(hold=30), now=lambda: moments[0])
    turns.take(VISITS)
    moments[0] += timedelta(seconds=29)
    assert turns.list_due() == []
    moments[0] += timedelta(seconds=2)
    assert turns.list_due() == [VISITS]
    engine.dispose()


def test_several_machines_read_the_time_of_the_server(copied_postgresql_url):
    engine = open_database(copied_postgresql_url, "una-35")
    turns = Turns(engine, "first", now=lambda: FAR_AHEAD)
    turns.take(VISITS)
    with open_reader(engine) as connection:
        held_until = connection.execute(select(turn.c.held_until)).scalar_one()
    assert held_until < FAR_AHEAD
    engine.dispose()


def test_a_worker_that_is_frozen_within_a_transaction_keeps_nobody_waiting(copied_postgresql_url):
    engine, frozen = (open_database(copied_postgresql_url, "una-35") for _ in range(2))
    turns = Turns(engine, "first")
    turns.enrol({VISITS: LONG_AGO})
    with frozen.begin() as connection:
        connection.execute(select(turn).with_for_update(read=True))
        assert turns.take(VISITS) is None
    assert turns.take(VISITS)
    engine.dispose()
    frozen.dispose()


def test_who_claims_a_flow_by_a_command_and_who_has_its_turn_keep_one_another_out(copied_postgresql_url, seal):
    engine, key = open_database(copied_postgresql_url, "una-35"), VISITS
    turns, journal = Turns(engine, "first"), Journal(engine, seal)
    with journal.claim(key.flow):
        assert turns.take(key) is None
    fence = turns.take(key)
    assert fence is not None
    with pytest.raises(TransientError) as caught, journal.claim(key.flow):
        pass
    assert caught.value.code == "incident.flow.busy"
    turns.give_back(fence, TurnRest(FAR_AHEAD))
    with journal.claim(key.flow):
        pass
    engine.dispose()


def test_who_claims_the_flow_of_a_dead_worker_overtakes_it(copied_postgresql_url, seal):
    engine, key = open_database(copied_postgresql_url, "una-35"), VISITS
    turns, journal = Turns(engine, "first"), Journal(engine, seal)
    late = turns.take(key)
    _let_die(engine)
    with journal.claim(key.flow):
        assert not turns.holds(late)
    engine.dispose()
