"""Copies a SQLite database as it is at one moment, whatever is written meanwhile, and counts what a copy holds."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

from passerelle.stores.database import hold_still, open_sqlite
from passerelle.stores.disk import translate_disk_errors
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T = TypeVar("T")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_BOOKS = ("received", *(fate.value for fate in Fate))


def copy_database(path: Path, target: Path, act_at_that_moment: Callable[[], T]) -> T:
    """Write the database of a file, its write-ahead log included, into a new file; return what the callback returns.

    The callback runs at the very moment of which the copy is, while no process writes to the database; the copy itself
    is made afterwards, from a snapshot, and keeps nobody from writing. Raises FatalError `incident.database.*`,
    `incident.journal.corrupt`, `incident.disk.*`.
    """
    with translate_disk_errors():
        open_new(target).close()  # SQLite would make it with the rights of the umask
    engine = open_sqlite(path)
    try:
        raw = engine.raw_connection()
        with closing(raw), _translate_errors():
            source = raw.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise FatalError("incident.database.unsupported")
            with hold_still(engine):
                # A read transaction begins with its first read: what others commit from here on is not in the copy.
                source.execute("BEGIN").execute("SELECT count(*) FROM sqlite_master").fetchone()
                result = act_at_that_moment()
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
                # One file, complete in itself: a copy is carried about, and a log beside it would be left behind.
                copy.execute("PRAGMA journal_mode=DELETE")
            source.execute("ROLLBACK")
    finally:
        engine.dispose()
    with translate_disk_errors():
        descriptor = os.open(target, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return result


def read_revision(copy: Path) -> str:
    """Return the revision of the tables of a copied journal; empty where it has none."""
    with _open_copy(copy) as connection:
        if "alembic_version" not in _list_tables(connection):
            return ""
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def count_rows(copy: Path) -> dict[str, int]:
    """Return the number of rows of each table of a copied journal, of whatever revision it is."""
    with _open_copy(copy) as connection:
        tables = _list_tables(connection)
        return {name: _read_number(connection, f'SELECT count(*) FROM "{name}"') for name in tables}  # noqa: S608  names of tables, all our own


def sum_books(copy: Path) -> dict[str, dict[str, int]]:
    """Return the books of each flow since the beginning: what was received, and what became of it, by fate."""
    with _open_copy(copy) as connection:
        if not {"parcel", "batch"} <= set(_list_tables(connection)):
            return {}
        there = {row[1] for row in connection.execute("PRAGMA table_info(batch)")}
        names = [name for name in _BOOKS if name in there]
        sums = ", ".join(f'sum(batch."{name}")' for name in names)
        joined = "FROM parcel JOIN batch ON parcel_id = parcel.id GROUP BY flow ORDER BY flow"
        wanted = f"SELECT flow, {sums} {joined}"
        rows = connection.execute(wanted).fetchall()
        return {row[0]: dict(zip(names, map(int, row[1:]), strict=True)) for row in rows}


@contextmanager
def _open_copy(copy: Path) -> Iterator[sqlite3.Connection]:
    with _translate_errors(), closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def _list_tables(connection: sqlite3.Connection) -> list[str]:
    wanted = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    return [name for (name,) in connection.execute(wanted)]


def _read_number(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate what the driver raises, without its text."""
    try:
        yield
    except sqlite3.Error as error:
        cause = getattr(error, "sqlite_errorname", None) or type(error).__name__
        if cause == "SQLITE_FULL":
            raise FatalError("incident.database.full") from None
        if cause.startswith(_DAMAGED):
            raise FatalError("incident.journal.corrupt", cause=cause) from None
        raise FatalError("incident.database.failed", cause=cause) from None
