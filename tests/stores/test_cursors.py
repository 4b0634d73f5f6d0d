"""How far a source was read: sealed, moved with the parcel, put back to where it was."""

from __future__ import annotations

import sqlite3

import pytest

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal


@pytest.fixture
def journal(tmp_path):
    engine = open_database(tmp_path / "journal.sqlite3")
    yield Journal(engine, Seal(b"k" * 32))
    engine.dispose()


def test_a_cursor_is_put_back_even_to_the_beginning(journal):
    for cursor in ("7", "3", "3", "", "9"):
        journal.move_cursor("un", cursor)
        assert journal.get_cursor("un") == cursor
    assert journal.get_cursor("deux") == ""


def test_a_cursor_stands_nowhere_in_clear(journal, tmp_path):
    journal.move_cursor("un", "2024-11-04T10:00:00Z")
    with sqlite3.connect(tmp_path / "journal.sqlite3") as connection:
        rows = connection.execute("SELECT * FROM flow").fetchall()
    assert "2024-11-04" not in repr(rows)
