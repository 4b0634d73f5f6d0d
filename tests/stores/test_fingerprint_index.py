"""What waits in quarantine is read once, and with each parcel what was added since: many small parcels cost no more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.journal import Journal

FLOW = "visites"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def settle(registered, make):
    """Settle a parcel with one bad row a likeness: `settle("b", "x", "y")`."""

    def call(letter: str, *likenesses: str, flow: str = FLOW, journal: Journal = registered) -> None:
        journal.register(make.parcel(letter, flow))
        items = [make.item(likeness.encode(), likeness=likeness) for likeness in likenesses]
        journal.settle(make.settlement(0, parcel=letter, items=items, flow=flow))

    return call


def _list_states(engine) -> list[str]:
    with open_reader(engine) as connection:
        return list(connection.execute(text("SELECT state FROM quarantine ORDER BY id")).scalars())


def test_what_was_read_is_not_read_again_for_the_next_parcel(settle, engine):
    settle("b", "one")
    settle("c", "two")
    with open_writer(engine) as connection:
        connection.execute(text("UPDATE quarantine SET likeness = NULL WHERE number = 0"))
    settle("d", "one", "two")
    assert _list_states(engine) == ["superseded", *["waiting"] * 3], "«one» was in memory; «two», added since, was read"
    settle("e", "one", "two")
    assert _list_states(engine) == ["superseded", "waiting", "superseded", "superseded", "waiting", "waiting"]


def test_each_parcel_replaces_what_waits_since_any_earlier_one_of_its_flow(settle, engine):
    settle("b", "one", "two")
    settle("c", "two", "three")
    settle("d", "one", flow="autre")
    settle("e", "one", "three")
    assert _list_states(engine) == [
        *("superseded", "superseded"),
        *("waiting", "superseded"),
        "waiting",
        *("waiting", "waiting"),
    ]


def test_what_a_replay_carried_while_the_index_was_read_is_replaced_when_it_waits_again(
    settle, registered, make, engine, seal
):
    settle("b", "one")
    other = Journal(engine, seal)  # another process, which reads the index while the replay is under way
    registered.register(make.parcel("c"), kind="replay", items=[1])
    settle("d", "two", journal=other)
    registered.park_parcel(FLOW, "c" * 64, "decode.parcel.empty", NOW)
    settle("e", "one", journal=other)
    assert _list_states(engine) == ["superseded", "waiting", "waiting"]


def test_a_row_that_comes_twice_in_one_parcel_replaces_nothing(settle, registered, make, engine):
    settle("b", "one")
    registered.settle(make.settlement(1, parcel="b", items=[make.item(likeness="one")]))
    assert _list_states(engine) == ["waiting", "waiting"]
