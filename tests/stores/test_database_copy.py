"""A copy of a database is one moment of it, whole in one file, whatever is written meanwhile."""

from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing

import pytest
from sqlalchemy import text

from passerelle.stores.database import open_database, open_writer
from passerelle.stores.database_copy import copy_database, count_rows, read_revision, sum_books
from passerelle.stores.filelock import FileLock
from passerelle.stores.migrations import HEAD
from passerelle.vocabulary.errors import FatalError


@pytest.fixture
def journal(tmp_path):
    """A journal with two rows, the second of them in the write-ahead log alone."""
    engine = open_database(tmp_path / "journal.sqlite3")
    for mac in (b"a", b"b"):
        _add(engine, mac)
    yield engine
    engine.dispose()


def _add(engine, mac: bytes) -> None:
    with open_writer(engine) as connection:
        connection.execute(text("INSERT INTO seal_check (mac) VALUES (:mac)"), {"mac": mac})


def test_a_copy_is_one_file_of_its_owner_with_what_was_only_in_the_log(tmp_path, journal):
    assert (tmp_path / "journal.sqlite3-wal").stat().st_size
    copy = tmp_path / "copy.sqlite3"
    assert copy_database(tmp_path / "journal.sqlite3", copy, lambda: 7) == 7
    assert count_rows(copy)["seal_check"] == 2
    assert read_revision(copy) == HEAD
    assert sum_books(copy) == {}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.sqlite3"]
    _add(journal, b"c")
    assert count_rows(copy)["seal_check"] == 2


def test_nobody_writes_at_the_moment_of_the_callback_and_what_is_written_after_it_is_not_in_the_copy(tmp_path, journal):
    gate = FileLock(tmp_path / "journal.sqlite3-gate")
    seen = []

    def look():
        seen.append(gate.acquire())
        thread.start()  # it waits at the gate, and writes as soon as the moment is over
        return thread

    thread = threading.Thread(target=_add, args=(journal, b"later"))
    copy = tmp_path / "copy.sqlite3"
    copy_database(tmp_path / "journal.sqlite3", copy, look).join()
    assert seen == [False]
    assert count_rows(copy)["seal_check"] == 2
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as real:
        assert real.execute("SELECT count(*) FROM seal_check").fetchone() == (3,)


def test_a_copy_takes_no_file_s_place_and_a_damaged_database_is_said_to_be_so(tmp_path, journal):
    (tmp_path / "there").write_bytes(b"mine")
    with pytest.raises(FatalError):
        copy_database(tmp_path / "journal.sqlite3", tmp_path / "there", lambda: None)
    assert (tmp_path / "there").read_bytes() == b"mine"
    (tmp_path / "noise").write_bytes(b"no database, but long enough for a header of one" * 40)
    with pytest.raises(FatalError) as caught:
        count_rows(tmp_path / "noise")
    assert caught.value.code == "incident.journal.corrupt"
