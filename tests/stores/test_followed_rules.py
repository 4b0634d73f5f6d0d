"""Rules of consent are noted by flow and by kind of process, and only the last one counts."""

from __future__ import annotations

import pytest

from passerelle.stores.api_store import ApiStore
from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal


@pytest.fixture
def book(tmp_path):
    engine, seal = open_database(tmp_path / "journal.sqlite3"), Seal(bytes(32))
    Journal(engine, seal)
    yield ApiStore(engine, seal)
    engine.dispose()


def test_the_last_rule_of_each_flow_counts_and_the_others_stay(book):
    assert book.list_rules("run") == {}
    book.keep_rules("run", {"gens": "opposition True", "suivis": "opposition True"})
    book.keep_rules("run", {"gens": "required True"})
    assert book.list_rules("run") == {"gens": "required True", "suivis": "opposition True"}


def test_what_a_run_noted_says_nothing_of_a_server(book):
    book.keep_rules("run", {"gens": "required True"})
    assert book.list_rules("serve") == {}
    book.keep_rules("serve", {"gens": "opposition True"})
    assert book.list_rules("run") == {"gens": "required True"}
