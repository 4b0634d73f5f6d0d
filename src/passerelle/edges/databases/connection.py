"""Connections to the database of a flow, its source or its destination."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from passerelle.edges.databases.refused_connections import UNKNOWN_HOST, note_refusal
from passerelle.edges.durable import translate_disk_faults
from passerelle.vocabulary.database_tls import choose_tls
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.pool import Pool


class _DatabaseModule(NamedTuple):
    """What a kind of server needs to be talked to."""

    drivername: str
    module: str
    extra: str
    """The extra of the distribution that installs it."""


_DRIVERS: Mapping[str, _DatabaseModule] = MappingProxyType(
    {"postgresql": _DatabaseModule("postgresql+psycopg", "psycopg", "postgresql")}
)
_MEMORY = ("", ":memory:", None)
"""Names of SQLite databases that are no files."""


def open_engine(url: str) -> Engine:
    """Prepare connections to a destination; nothing is connected yet.

    Raises SettingsError when this is not the URL of a database that can be written to, or its driver is missing.
    """
    parsed = parse_url(url)
    return _open_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else open_server(parsed)


def parse_url(url: str) -> URL:
    """Return the parts of a URL, with the driver that we use.

    Raises SettingsError `incident.destination.unknown_database`, or `incident.flow_database.driver`.
    """
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except (SQLAlchemyError, ValueError):
        raise SettingsError("incident.destination.unknown_database") from None
    if kind == "sqlite":
        return parsed
    if kind not in _DRIVERS:
        raise SettingsError("incident.destination.unknown_database")
    driver = _DRIVERS[kind]
    if find_spec(driver.module) is None:
        raise SettingsError("incident.flow_database.driver", kind=kind, extra=driver.extra)
    return parsed.set(drivername=driver.drivername)


def open_server(url: URL, *, pool: type[Pool] | None = None) -> Engine:
    """Prepare connections to a server; `pool` says what becomes of one that is done with: kept, unless it says no."""
    try:
        # what the database cannot hold, the server says
        added = {"client_encoding": "utf8"} | choose_tls(url.host, url.query)
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=added, poolclass=pool)
    except (SQLAlchemyError, ImportError, ValueError):
        raise SettingsError("incident.destination.unknown_database") from None

    def connect(dialect: Any, _record: object, values: list[Any], names: dict[str, Any]) -> Any:
        try:
            return dialect.connect(*values, **names)
        except dialect.dbapi.OperationalError as problem:
            note_refusal(problem, names)
            raise
        except UnicodeError:  # the driver asked for the address of a name that no host could have
            unknown = dialect.dbapi.OperationalError()
            unknown.sqlstate = UNKNOWN_HOST
            raise unknown from None

    event.listen(engine, "do_connect", connect)
    return engine


def _open_sqlite(url: URL) -> Engine:
    if url.database not in _MEMORY:
        with translate_disk_faults("incident.folder.unwritable"):
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    try:
        engine = create_engine(url, hide_parameters=True)
    except (SQLAlchemyError, ImportError, ValueError):
        raise SettingsError("incident.destination.unknown_database") from None

    def make_private(*_dialect_and_arguments: object) -> None:
        # SQLite makes its file with what the umask leaves, as a rule readable by anybody on the machine. Rights that
        # somebody gave to a file that is there are theirs; what else is wrong with the path, SQLite itself says.
        if url.database not in _MEMORY and "uri" not in url.query:
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
