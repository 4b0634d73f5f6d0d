"""The journal knows its own health: whatever changes in its file is told, or changes nothing that is read from it."""

from __future__ import annotations

import random
import shutil
import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from passerelle.stores.database import open_database, open_reader, open_writer
from passerelle.stores.file_mark import read_mark
from passerelle.stores.integrity import DatabaseFileState, check_database, close_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import DeliveredRecords
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.parcels import Parcel

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLIPS = 200


@pytest.fixture(scope="module")
def closed(tmp_path_factory, migrated_sqlite, make):
    """Lend a journal with something in every kind of table, closed as a run closes it."""
    path = tmp_path_factory.mktemp("closed") / "journal.sqlite3"
    shutil.copy(migrated_sqlite, path)
    seal, engine = Seal(b"k" * 32), open_database(path)
    journal = Journal(engine, seal)
    for letter in "ab":
        journal.register(Parcel(letter * 64, "visites", 12, NOW, "x", 1024, 5), cursor="page 2")
        run = journal.begin_run(["visites"], NOW)
        keys = [random.Random(number).randbytes(16) for number in range(300)]  # noqa: S311  no secret
        known = DeliveredRecords("visit/1", b"".join(keys), b"c" * 16 * 300, (1,) * 300, ("theirs",) * 300)
        items = [make.item(f"cells {number}".encode()) for number in range(40)]
        journal.settle(make.settlement(0, parcel=letter, run=run, items=items, known=(known,), delivered=300))
        journal.append_audit("flow.resume", "visites", "why", NOW, "who")
        journal.end_run(run, "aside", NOW)
    close_database(engine)
    return path


def examine(path) -> tuple[str, object]:
    """Open and check a journal as a run does; return what is told, or everything that it holds."""
    engine = None
    try:
        engine = open_database(path)
        journal = Journal(engine, Seal(b"k" * 32))
        if journal.check_health() is DatabaseFileState.CHANGED:
            return "told", "incident.journal.changed"
        return "read", read_everything(engine)
    except FatalError as error:
        return "told", error.code
    finally:
        if engine is not None:
            engine.dispose()


def read_everything(engine) -> list[object]:
    with open_reader(engine) as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")).scalars()
        return [connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in names.all()]  # noqa: S608  ours


def test_a_journal_that_nobody_touched_is_as_it_was_left(closed, tmp_path):
    path = copy(closed, tmp_path)
    kind, _content = examine(path)
    assert kind == "read"
    engine = open_database(path)
    assert check_database(engine, thoroughly=True) is DatabaseFileState.AS_LEFT
    engine.dispose()


def copy(closed, folder):
    for path in closed.parent.iterdir():
        if path.name in (closed.name, f"{closed.name}-mark"):
            shutil.copy(path, folder / path.name)
    return folder / closed.name


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(max_examples=FLIPS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_anywhere_is_told_or_changes_nothing(closed, tmp_path, seed):
    dice = random.Random(seed)  # noqa: S311  no secret
    path = copy(closed, tmp_path)
    for left in tmp_path.glob("*-wal"):
        left.unlink()
    whole = bytearray(path.read_bytes())
    for _flip in range(dice.choice((1, 1, 1, 8))):
        whole[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
    path.write_bytes(whole)
    kind, content = examine(path)
    assert kind == "told" or content == examine(copy(closed, tmp_path))[1]


def test_after_a_kill_the_structure_is_checked_and_nothing_false_is_told(closed, tmp_path):
    path = copy(closed, tmp_path)
    engine = open_database(path)
    with open_writer(engine) as connection:
        connection.execute(text("INSERT INTO run (flows, started_at, outcome) VALUES ('x', 0, '')"))
    assert read_mark(path) == "", "what is being written has no mark"
    assert check_database(engine) is DatabaseFileState.UNMARKED
    engine.dispose()  # no mark was written: as after a kill
    again = open_database(path)
    assert check_database(again) is DatabaseFileState.UNMARKED
    close_database(again)
    assert read_mark(path)
    assert examine(path)[0] == "read"


def test_a_reader_neither_loses_nor_writes_the_mark(closed, tmp_path):
    path = copy(closed, tmp_path)
    before = read_mark(path)
    engine = open_database(path)
    read_everything(engine)
    close_database(engine)
    assert read_mark(path) == before
    assert examine(path)[0] == "read"


def test_a_restored_backup_is_told_once(closed, tmp_path):
    path = copy(closed, tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM run WHERE id = 2 AND 0")
        connection.execute("UPDATE run SET outcome = 'settled'")
    connection.close()
    assert examine(path) == ("told", "incident.journal.changed")
    engine = open_database(path)
    with open_writer(engine):
        pass
    close_database(engine)
    assert examine(path)[0] == "read"


@pytest.mark.parametrize("column", ["ref_keys", "contents", "versions", "parcels"])
def test_a_block_of_known_records_that_changed_is_never_believed(closed, tmp_path, column):
    path = copy(closed, tmp_path)
    with sqlite3.connect(path) as connection:
        connection.create_function("flip", 1, lambda blob: blob[:20] + bytes([blob[20] ^ 4]) + blob[21:])
        connection.execute(f"UPDATE known SET {column} = flip({column})")  # noqa: S608  ours
    connection.close()
    engine = open_database(path)
    journal = Journal(engine, Seal(b"k" * 32))
    key = random.Random(7).randbytes(16)  # noqa: S311  no secret
    with pytest.raises(FatalError) as caught:
        journal.recall("visites", "visit/1", key)
    assert caught.value.code == "incident.journal.corrupt"
    with pytest.raises(FatalError):
        journal.check_health(thoroughly=True)
    engine.dispose()


def test_a_block_of_an_earlier_version_is_read_and_gets_its_digest_when_it_is_merged(closed, tmp_path, make):
    path = copy(closed, tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE known SET digest = NULL")
    connection.close()
    engine = open_database(path)
    journal = Journal(engine, Seal(b"k" * 32))
    key = random.Random(7).randbytes(16)  # noqa: S311  no secret
    assert journal.recall("visites", "visit/1", key).versions.tolist() == [1]
    journal.register(make.parcel("c"))
    keys = b"".join(random.Random(-number).randbytes(16) for number in range(1, 400))  # noqa: S311  no secret
    known = DeliveredRecords("visit/1", keys, b"d" * 16 * 399, (1,) * 399)
    journal.settle(make.settlement(0, parcel="c", known=(known,), delivered=399))
    with open_reader(engine) as connection:
        assert None not in connection.execute(text("SELECT digest FROM known")).scalars().all()
    journal.check_health(thoroughly=True)
    engine.dispose()
