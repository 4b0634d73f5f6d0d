"""Fences: what a worker writes after another one overtook it is refused, in the transaction that would write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, update

from passerelle.stores.database import open_database, open_writer
from passerelle.stores.journal import Journal
from passerelle.stores.tenancy import find_organisation
from passerelle.stores.turn_schema import turn
from passerelle.stores.turns import Turns
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.turns import FlowKey

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
ACTS = {
    "settle": lambda journal, make: journal.settle(make.settlement(0, known=[make.known(b"1")])),
    "settle_group": lambda journal, make: journal.settle_group([make.settlement(0)], make.now),
    "register": lambda journal, make: journal.register(make.parcel("b"), cursor="7"),
    "close": lambda journal, make: journal.close_parcel("visites", "a" * 64, 0, make.now),
    "park": lambda journal, make: journal.park_parcel("visites", "a" * 64, "decode.file.empty", make.now),
    "wait": lambda journal, make: journal.wait_parcel(
        "visites", "a" * 64, "incident.folder.away", make.now + timedelta(1)
    ),
    "suspend": lambda journal, make: journal.suspend("visites", "incident.folder.lost", make.now),
    "away": lambda journal, make: journal.note_away("visites", "source", make.now),
    "group": lambda journal, _make: journal.group_parcels("visites", ["a" * 64]),
}
"""What a worker writes about a flow."""


def _name_flow(engine) -> FlowKey:
    return FlowKey(find_organisation(engine), "visites")


def _read_state(journal: Journal) -> object:
    return (
        journal.list_balances(),
        [(row.key, row.state) for row in journal.list_parcels()],
        journal.list_open_parcels("visites", NOW),
        journal.find_suspension("visites"),
        journal.list_away("visites"),
        journal.find_groups("visites", ["a" * 64]),
    )


def _overtake(engine) -> None:
    with open_writer(engine) as connection:
        connection.execute(update(turn).values(fence=turn.c.fence + 1))


@pytest.mark.parametrize("act", ACTS)
def test_who_holds_the_turn_writes(registered, engine, make, act):
    fence = Turns(engine, "first").take(_name_flow(engine))
    with registered.hold_fence(fence):
        ACTS[act](registered, make)


@pytest.mark.parametrize("act", ACTS)
def test_who_was_overtaken_writes_nothing(registered, engine, make, act):
    before = _read_state(registered)
    fence = Turns(engine, "first").take(_name_flow(engine))
    _overtake(engine)
    with registered.hold_fence(fence), pytest.raises(TransientError) as caught:
        ACTS[act](registered, make)
    assert caught.value.code == "incident.flow.overtaken"
    assert _read_state(registered) == before
    ACTS[act](registered, make)  # the fence alone kept it


def test_a_fence_is_about_its_own_flow(registered, engine, make):
    fence = Turns(engine, "first").take(FlowKey(find_organisation(engine), "usagers"))
    _overtake(engine)
    with registered.hold_fence(fence):
        registered.settle(make.settlement(0))


def test_without_a_fence_no_turn_is_looked_at(registered, engine, make):
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *about: said.append(about[2]))
    registered.settle(make.settlement(0))
    assert said
    assert not any(" turn" in statement for statement in said)


def test_a_turn_that_is_held_is_a_claim(registered, engine):
    fence = Turns(engine, "first").take(_name_flow(engine))
    with registered.hold_fence(fence), registered.claim("visites"), registered.claim("visites"):
        pass  # a claim of this machine would be busy the second time


def test_a_settlement_keeps_the_turn_from_being_overtaken_until_it_is_written(copied_postgresql_url, seal, make):
    engine, other = open_database(copied_postgresql_url), open_database(copied_postgresql_url)
    journal, taken = Journal(engine, seal), []
    journal.register(make.parcel())
    journal.begin_run(["visites"], NOW)
    fence = Turns(engine, "first").take(_name_flow(engine))
    with open_writer(engine) as connection:
        connection.execute(update(turn).values(held_until=make.now))

    def overtake(_connection, _cursor, statement, *_about) -> None:
        if "INSERT INTO batch" in statement:
            taken.append(Turns(other, "second").take(_name_flow(other)))

    event.listen(engine, "before_cursor_execute", overtake)
    with journal.hold_fence(fence):
        journal.settle(make.settlement(0))
    assert taken == [None]
    assert Turns(other, "second").take(_name_flow(other))
    engine.dispose()
    other.dispose()
