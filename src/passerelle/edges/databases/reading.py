"""Connections that only read: the database itself is told to refuse anything else, as far as it can be."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from passerelle.edges.databases.connection import open_server
from passerelle.edges.databases.server_kinds import parse_url
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_STEPS = 20_000
"""Instructions of SQLite's virtual machine between two looks at the clock: some milliseconds."""
_ROOM = 500
"""Rows that are fetched at once."""


def open_reading_engine(url: str | Path, zone: str = "Europe/Paris") -> Engine:
    """Prepare connections that read a database: a path is an SQLite file. Raises SettingsError as `open_engine`.

    A server that knows no zones has its moments shown in `zone`.
    """
    if isinstance(url, Path):
        return _open_file(url)
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        # no connection lies open between two looks: there may be a night between them
        if parsed.get_backend_name() == "mysql":
            return open_server(parsed, pool=NullPool, added={"conv": make_converters(zone)})
        engine = open_server(parsed, pool=NullPool)
        if parsed.get_backend_name() == "postgresql":
            event.listen(engine, "connect", _read_documents_as_text)
        return engine
    if not parsed.database or parsed.database == ":memory:":
        raise SettingsError("incident.destination.unknown_database")
    return _open_file(Path(parsed.database))


@contextmanager
def begin_reading(engine: Engine, *, seconds: float, zone: str) -> Iterator[Connection]:
    """Open a transaction that sees one state of the database, changes nothing and ends after some seconds."""
    begin = {"postgresql": _begin_postgresql, "sqlite": _begin_sqlite}.get(engine.dialect.name, _begin_server)
    with begin(engine, seconds, zone) as connection:
        yield connection


@contextmanager
def _begin_postgresql(engine: Engine, seconds: float, zone: str) -> Iterator[Connection]:
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        limits = {"statement_timeout": f"{round(seconds * 1000)}ms", "TimeZone": zone}
        for name, value in limits.items():
            connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (name, value))
        yield connection.execution_options(stream_results=True, max_row_buffer=_ROOM)


@contextmanager
def _begin_sqlite(engine: Engine, seconds: float, _zone: str) -> Iterator[Connection]:
    with engine.connect() as connection:
        ends, driver = monotonic() + seconds, connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            driver.set_progress_handler(lambda: monotonic() > ends, _STEPS)
        yield connection


@contextmanager
def _begin_server(engine: Engine, seconds: float, zone: str) -> Iterator[Connection]:
    with engine.connect() as connection:
        for statement in list_preparations(connection.dialect, seconds, zone):
            connection.exec_driver_sql(statement)
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "oracle":
            driver.call_timeout = round(seconds * 1000)
        elif connection.dialect.name == "mssql":
            driver.timeout = max(1, round(seconds))
        try:
            yield connection.execution_options(stream_results=True, max_row_buffer=_ROOM)
        finally:
            # SQL Server has no transaction that only reads: what a statement did all the same is undone
            connection.rollback()


def list_preparations(dialect: Any, seconds: float, zone: str) -> list[str]:
    """Return what is said to a server before the query: that it may only read, how long, in which zone."""
    if dialect.name == "oracle":
        return [f"ALTER SESSION SET TIME_ZONE = '{zone}'", "SET TRANSACTION READ ONLY"]
    if dialect.name == "mssql":
        return [f"SET LOCK_TIMEOUT {round(seconds * 1000)}"]
    is_maria = bool(getattr(dialect, "is_mariadb", False))
    limit = f"max_statement_time = {seconds:.3f}" if is_maria else f"max_execution_time = {round(seconds * 1000)}"
    return [f"SET SESSION {limit}", "SET SESSION time_zone = '+00:00'", "START TRANSACTION READ ONLY"]


def make_converters(zone: str) -> dict[Any, Any]:
    """Return how PyMySQL reads and writes values: a TIMESTAMP is a moment, asked for and shown with its offset.

    The session speaks UTC, since most servers of MySQL know zones by name only after their tables were filled.
    """
    from pymysql import converters  # noqa: PLC0415  an extra that may not be installed
    from pymysql.constants import FIELD_TYPE  # noqa: PLC0415  see above

    def read_moment(text: str) -> Any:
        value = converters.convert_datetime(text)
        return value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) if isinstance(value, datetime) else value

    def write_moment(value: datetime, mapping: Any = None) -> str:
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return str(converters.escape_datetime(plain, mapping))

    return {**converters.conversions, FIELD_TYPE.TIMESTAMP: read_moment, datetime: write_moment}


def _open_file(path: Path) -> Engine:
    # `mode=ro`: a file that is not there is not made, and one that is there is not changed
    address = f"file:{quote(str(path.absolute()))}?mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        # Bytes that are no UTF-8 go through as they are: the reader of the parcel sets their rows aside, with a reason.
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


def _read_documents_as_text(connection: Any, _record: object) -> None:
    """Take JSON as the server writes it: parsed and written again, its numbers could lose digits."""
    from psycopg.types.string import TextLoader  # noqa: PLC0415  an extra that may not be installed

    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, TextLoader)
