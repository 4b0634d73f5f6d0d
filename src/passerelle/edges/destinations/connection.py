"""Connections to a destination database, SQLite or PostgreSQL, and its errors without the values in their texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from passerelle.edges.durable import translate_disk_faults
from passerelle.vocabulary.errors import FlowError, PasserelleError, SettingsError, TransientError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.exc import DBAPIError

_OF_THE_RECORD = ("22", "23")
"""SQLSTATE classes that speak of the record: data exceptions, violated constraints of somebody's own."""
_PASSING = ("08", "40", "53", "55", "57", "58")
"""SQLSTATE classes that pass: connection, rollback, resources, lock, operator's intervention, system."""
_DISK = "53100"
_SQLITE = (
    ("SQLITE_CONSTRAINT", "23000"),
    ("SQLITE_MISMATCH", "22000"),
    ("SQLITE_TOOBIG", "22001"),
    ("SQLITE_BUSY", "55P03"),
    ("SQLITE_LOCKED", "55P03"),
    ("SQLITE_FULL", _DISK),
    ("SQLITE_IOERR", "58030"),
    ("SQLITE_CANTOPEN", "42501"),
    ("SQLITE_READONLY", "42501"),
    ("SQLITE_NOTADB", "XX001"),
    ("SQLITE_CORRUPT", "XX001"),
    ("SQLITE_ERROR", "42000"),
)
"""SQLite's error names, and the SQLSTATE that says the same."""


def open_engine(url: str) -> Engine:
    """Prepare connections. Raises SettingsError when this is not the URL of a SQLite or PostgreSQL database."""
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind == "postgresql":
            return create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                hide_parameters=True,
                pool_pre_ping=True,
                connect_args={"client_encoding": "utf8"},  # what the database cannot hold, the server says
            )
        if kind == "sqlite":
            return _open_sqlite(parsed)
    except (SQLAlchemyError, ImportError, ValueError):
        pass
    raise SettingsError("incident.destination.unknown_database")


def _open_sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        with translate_disk_faults("incident.folder.unwritable"):
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True)

    def disable_implicit_begin(connection: Any, _record: object) -> None:
        # the driver guesses where transactions begin, and leaves savepoints and DDL outside
        connection.isolation_level = None

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", disable_implicit_begin)
    event.listen(engine, "begin", begin)
    return engine


def find_sqlstate(problem: DBAPIError) -> str:
    """Return the SQLSTATE of an error, or its equivalent for SQLite; empty when there is none."""
    state = getattr(problem.orig, "sqlstate", None)
    if isinstance(state, str):
        return state
    if not hasattr(problem.orig, "sqlite_errorname") and isinstance(problem, DataError | IntegrityError):
        return "22000"  # the driver itself refused a value, without asking the server
    name = str(getattr(problem.orig, "sqlite_errorname", ""))
    return next((code for start, code in _SQLITE if name.startswith(start)), "")


def is_of_the_record(problem: DBAPIError) -> bool:
    """Whether the database refuses the record, not the statement or the connection."""
    return find_sqlstate(problem).startswith(_OF_THE_RECORD)


def name_problem(problem: DBAPIError) -> PasserelleError:
    """Return the error to raise, named by what happens next."""
    state = find_sqlstate(problem)
    if state == _DISK:
        return TransientError("incident.folder.full")
    if problem.connection_invalidated or not state or state.startswith(_PASSING):
        return TransientError("incident.destination.unreachable")
    return FlowError("incident.destination.forbidden", sqlstate=state)
