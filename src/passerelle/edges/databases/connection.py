"""Connections to the database of a flow, its source or its destination."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from passerelle.edges.databases.certificate_ends import note_reached
from passerelle.edges.databases.refused_connections import UNKNOWN_HOST, UNKNOWN_WORD, note_refusal
from passerelle.edges.databases.server_kinds import find_kind, parse_url
from passerelle.edges.durable import translate_disk_faults
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.pool import Pool


_STRICT = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
"""How MySQL has to take what is written: refused when it does not fit, never cut or bent."""
_MEMORY = ("", ":memory:", None)
"""Names of SQLite databases that are no files."""


def open_engine(url: str) -> Engine:
    """Prepare connections to a destination; nothing is connected yet.

    Raises SettingsError when this is not the URL of a database that can be written to, or its driver is missing.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return open_server(parsed, added={"sql_mode": _STRICT} if parsed.get_backend_name() == "mysql" else {})


def open_server(url: URL, *, pool: type[Pool] | None = None, added: Mapping[str, Any] = MappingProxyType({})) -> Engine:
    """Prepare connections to a server.

    `pool` says what becomes of one that is done with: kept, unless it says no. `added` is told to the driver as well.
    Raises SettingsError when this is no address, when a certificate that it names cannot be read, and when a library
    of the system that the driver stands on is not there.
    """
    kind = find_kind(url)
    if kind is None:
        raise SettingsError("incident.destination.unknown_database")
    address, protection = kind.protect(url)
    options: dict[str, Any] = {"poolclass": pool, "connect_args": {**protection, **added}}
    try:
        engine = create_engine(address, hide_parameters=True, pool_pre_ping=True, **options)
    except ImportError:
        raise SettingsError("incident.flow_database.driver", kind=url.get_backend_name(), extra=kind.extra) from None
    except (SQLAlchemyError, ValueError):
        raise SettingsError("incident.destination.unknown_database") from None
    event.listen(engine, "do_connect", _connect_postgresql if kind.extra == "postgresql" else _connect)
    event.listen(engine, "connect", lambda connection, _record: note_reached(url, connection))
    return engine


def _connect_postgresql(dialect: Any, _record: object, values: list[Any], names: dict[str, Any]) -> Any:
    try:
        return dialect.connect(*values, **names)
    except dialect.dbapi.OperationalError as problem:
        note_refusal(problem, names)
        raise
    except UnicodeError:  # the driver asked for the address of a name that no host could have
        unknown = dialect.dbapi.OperationalError("")
        unknown.sqlstate = UNKNOWN_HOST
        raise unknown from None


def _connect(dialect: Any, _record: object, values: list[Any], names: dict[str, Any]) -> Any:
    try:
        return dialect.connect(*values, **names)
    except (UnicodeError, TypeError, ValueError) as problem:
        # a name that no host could have, or a word of the address that this driver does not know
        unknown = dialect.dbapi.OperationalError("")
        unknown.sqlstate = UNKNOWN_HOST if isinstance(problem, UnicodeError) else UNKNOWN_WORD
        raise unknown from None


def _open_sqlite(url: URL) -> Engine:
    # an address in SQLite's own form names its file in it: as a path it would be another one
    is_path = url.database not in _MEMORY and "uri" not in url.query
    if is_path:
        with translate_disk_faults("incident.folder.unwritable"):
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    try:
        engine = create_engine(url, hide_parameters=True)
    except (SQLAlchemyError, ImportError, ValueError):
        raise SettingsError("incident.destination.unknown_database") from None

    def make_private(*_dialect_and_arguments: object) -> None:
        # SQLite makes its file with what the umask leaves, as a rule readable by anybody on the machine. Rights that
        # somebody gave to a file that is there are theirs; what else is wrong with the path, SQLite itself says.
        if is_path:
            with suppress(OSError):
                open_new(Path(str(url.database))).close()

    def disable_implicit_begin(connection: Any, _record: object) -> None:
        # the driver guesses where transactions begin, and leaves savepoints and DDL outside
        connection.isolation_level = None

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "do_connect", make_private)
    event.listen(engine, "connect", disable_implicit_begin)
    event.listen(engine, "begin", begin)
    return engine
