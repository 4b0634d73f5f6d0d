"""Who read of whom: counted by person, day, client, contract and purpose, under pseudonyms alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from token_terms import NOW, SECRET, act, make_terms

from passerelle.stores.api_store import ApiStore
from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal

ANNE, PAUL = "atelier:person:Zzyx1", "atelier:person:Zzyx2"


@pytest.fixture
def store(tmp_path):
    seal = Seal(bytes(32))
    engine = open_database(tmp_path / "journal.sqlite3")
    journal = Journal(engine, seal)
    book = ApiStore(engine, seal)
    book.add_token(SECRET, make_terms(), act("token.new"))
    yield book, journal
    engine.dispose()


def test_readings_of_a_day_add_up_and_name_the_client(store):
    book, journal = store
    book.note_readings(1, "visit/1", "planning", {ANNE: 2, PAUL: 1}, act("api.read"))
    book.note_readings(1, "visit/1", "planning", {ANNE: 3}, act("api.read", NOW + timedelta(hours=1)))
    book.note_readings(1, "visit/1", "planning", {ANNE: 1}, act("api.read", NOW + timedelta(days=1)))
    today, tomorrow = book.list_readings([ANNE])
    assert (today.records, today.client, today.contract, today.purpose) == (
        5,
        "agenda du service",
        "visit/1",
        "planning",
    )
    assert (today.last_at, tomorrow.records) == (NOW + timedelta(hours=1), 1)
    assert [one.records for one in book.list_readings([PAUL])] == [1]
    assert book.list_readings(["atelier:person:other"]) == ()
    assert [entry.action for entry in journal.list_audit_entries()].count("api.read") == 3


def test_thousands_of_persons_are_noted_at_once(store):
    book, _journal = store
    book.note_readings(1, "visit/1", "planning", {f"a:person:{nth}": 1 for nth in range(3_000)}, act("api.read"))
    assert len(book.list_readings([f"a:person:{nth}" for nth in range(3_000)])) == 3_000


def test_who_read_of_somebody_is_erased_with_them_and_their_reference_is_never_written(store, tmp_path):
    book, _journal = store
    book.note_readings(1, "visit/1", "planning", {ANNE: 2, PAUL: 1}, act("api.read"))
    assert b"Zzyx" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert book.erase_readings([ANNE]) == 1
    assert book.list_readings([ANNE]) == ()
    assert len(book.list_readings([PAUL])) == 1
