"""Connections that only read: the database itself is told to refuse anything else, as far as it can be."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from passerelle.edges.databases.connection import open_server, parse_url
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_STEPS = 20_000
"""Instructions of SQLite's virtual machine between two looks at the clock: some milliseconds."""
_ROOM = 500
"""Rows that are fetched at once."""


def open_reading_engine(url: str | Path) -> Engine:
    """Prepare connections that read a database: a path is an SQLite file. Raises SettingsError as `open_engine`."""
    if isinstance(url, Path):
        return _open_file(url)
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        # no connection lies open between two looks: there may be a night between them
        engine = open_server(parsed, pool=NullPool)
        event.listen(engine, "connect", _read_documents_as_text)
        return engine
    if not parsed.database or parsed.database == ":memory:":
        raise SettingsError("incident.destination.unknown_database")
    return _open_file(Path(parsed.database))


@contextmanager
def begin_reading(engine: Engine, *, seconds: float, zone: str) -> Iterator[Connection]:
    """Open a transaction that sees one state of the database, changes nothing and ends after some seconds."""
    if engine.dialect.name == "postgresql":
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with engine.connect().execution_options(**options) as connection:
            limits = {"statement_timeout": f"{round(seconds * 1000)}ms", "TimeZone": zone}
            for name, value in limits.items():
                connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (name, value))
            yield connection.execution_options(stream_results=True, max_row_buffer=_ROOM)
        return
    with engine.connect() as connection:
        ends, driver = monotonic() + seconds, connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            driver.set_progress_handler(lambda: monotonic() > ends, _STEPS)
        yield connection


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
