"""Names of parcels outside: each is given once, and states of before keep theirs."""

from __future__ import annotations

import sqlite3

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.outside_book import NamedParcel
from passerelle.vocabulary.parcels import BatchKey

NAME = "e" * 64


def _open_one(journal, make):
    return journal.list_open_parcels(make.flow, make.now)[0].parcel


def test_a_name_is_given_once(registered, make):
    key = _open_one(registered, make).key
    assert (_open_one(registered, make).outside, registered.find_last_turn(make.flow)) == ("", 0)
    registered.name_parcels(make.flow, [NamedParcel(key, 3, NAME)])
    registered.name_parcels(make.flow, [NamedParcel(key, 4, "f" * 64)])
    assert (_open_one(registered, make).outside, registered.find_last_turn(make.flow)) == (NAME, 3)


def test_turns_are_counted_by_flow(registered, make):
    registered.name_parcels(make.flow, [NamedParcel(_open_one(registered, make).key, 3, NAME)])
    assert registered.find_last_turn("another") == 0


def test_the_last_batch_is_told_by_the_name_that_the_destination_knows(registered, make):
    registered.name_parcels(make.flow, [NamedParcel(_open_one(registered, make).key, 1, NAME)])
    registered.settle(make.settlement(0, delivered=1, known=[make.known(b"r" * 16)]))
    assert registered.find_last_delivered(make.flow) == BatchKey(NAME, 0)


def test_settled_batches_are_found_by_the_short_names_of_their_parcels(registered, make):
    registered.name_parcels(make.flow, [NamedParcel(_open_one(registered, make).key, 1, f"{NAME}-2")])
    number = registered.get_parcel_number(make.flow, _open_one(registered, make).key)
    short = f"{'e' * 12}-2"
    assert registered.find_settled_batches(make.flow, [short]) == {}
    registered.settle(make.settlement(0, delivered=1))
    registered.settle(make.settlement(2, delivered=1))
    assert registered.find_settled_batches(make.flow, [short]) == {(short, 0): number, (short, 2): number}
    assert registered.find_settled_batches(make.flow, ["f" * 12]) == {}
    assert registered.find_settled_batches("another", [short]) == {}


def test_a_parcel_that_an_earlier_version_registered_keeps_the_name_it_may_have_left_under(tmp_path, seal, make):
    path = tmp_path / "state" / "journal.db"
    engine = open_database(path)
    Journal(engine, seal).register(make.parcel("a"))
    engine.dispose()
    with sqlite3.connect(path) as connection:  # as the version before left it
        connection.execute("DROP INDEX ix_parcel_turn")
        connection.execute("ALTER TABLE parcel DROP COLUMN outside")
        connection.execute("ALTER TABLE parcel DROP COLUMN turn")
        connection.execute("UPDATE alembic_version SET version_num = '0011'")
    connection.close()
    engine = open_database(path)
    journal = Journal(engine, seal)
    assert _open_one(journal, make).outside == make.parcel("a").key
    journal.register(make.parcel("b"))
    assert journal.list_open_parcels(make.flow, make.now)[1].parcel.outside == ""
    engine.dispose()
