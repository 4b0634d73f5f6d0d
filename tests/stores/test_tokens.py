"""Tokens as they are kept: by their digest, with sealed names and reasons, open until they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from token_terms import NOW, SECRET, act, make_terms

from passerelle.stores.api_store import ApiStore
from passerelle.stores.database import open_database, open_reader
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal


@pytest.fixture
def store(tmp_path):
    seal = Seal(bytes(32))
    engine = open_database(tmp_path / "journal.sqlite3")
    journal = Journal(engine, seal)
    yield ApiStore(engine, seal), journal, engine
    engine.dispose()


def test_a_token_is_found_by_its_text_and_reads_back_as_it_was_made(store):
    book, journal, _engine = store
    number = book.add_token(SECRET, make_terms(may_bulk=True), act("token.new"))
    found = book.find_token(SECRET)
    assert (found.id, found.terms, found.made_at, found.ended_at) == (number, make_terms(may_bulk=True), NOW, None)
    assert book.find_token(f"{SECRET}x") is None
    assert (book.get_token(number), book.get_token(number + 1)) == (found, None)
    assert book.list_tokens() == (found,)
    assert [entry.action for entry in journal.list_audit_entries()] == ["token.new"]


def test_neither_the_token_nor_who_holds_it_and_why_stand_in_the_database(store, tmp_path):
    book, _journal, engine = store
    book.add_token(SECRET, make_terms(), act("token.new"))
    with open_reader(engine) as connection:
        row = str(connection.execute(text("SELECT * FROM api_token")).all())
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for word in (SECRET, "agenda", "Zzyx", "marie"):
        assert word not in row
        assert word.encode() not in written


def test_a_token_ends_with_its_day_or_when_somebody_takes_it_back_once(store):
    book, journal, _engine = store
    number = book.add_token(SECRET, make_terms(), act("token.new"))
    token = book.find_token(SECRET)
    assert token.is_open(NOW + timedelta(days=89))
    assert not token.is_open(NOW + timedelta(days=90))
    assert book.end_token(number, act("token.end"))
    assert not book.find_token(SECRET).is_open(NOW)
    assert not book.end_token(number, act("token.end"))
    assert not book.end_token(99, act("token.end"))
    assert [entry.action for entry in journal.list_audit_entries()] == ["token.new", "token.end"]


def test_a_token_that_has_ended_by_itself_is_not_taken_back(store):
    book, _journal, _engine = store
    number = book.add_token(SECRET, make_terms(), act("token.new"))
    assert not book.end_token(number, act("token.end", NOW + timedelta(days=91)))
