"""The database behind the stores: opening, migrating, reading, writing; SQLite or PostgreSQL.

SQLite before 3.51.3 can damage a WAL database when two connections write or checkpoint at the same instant («WAL-reset
bug», sqlite.org/wal.html), and Python still links older ones. So there is one connection in a process, every write of
any process passes a gate (a lock file beside the database), and checkpoints happen only there: automatic ones are off.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from passerelle.stores.disk import make_private_folder, sync_folder, translate_disk_errors
from passerelle.stores.filelock import FileLock
from passerelle.stores.migrations import HEAD
from passerelle.stores.schema import metadata
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import URL, Table
    from sqlalchemy.dialects import postgresql

T = TypeVar("T")
_GATE_SECONDS = 30
"""How long a writer waits for its turn."""
_READERS_SECONDS = 5
"""How long a checkpoint waits for readers; then it does what it can, and the next one does the rest."""
_WAL_LIMIT = 4 << 20
"""Bytes of write-ahead log after which a writer folds it into the database."""
_MIGRATION_LOCK = 7_061_737
"""Number of the advisory lock under which PostgreSQL is migrated: any, but always the same."""
_PRAGMAS = (
    f"busy_timeout={_READERS_SECONDS * 1000}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "wal_autocheckpoint=0",
    "temp_store=MEMORY",
    "cache_size=-16384",
    "trusted_schema=OFF",
)
_VERSIONS = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
"""Alembic's own table, as Alembic makes it."""
_SLICE = 5_000
"""Parameters of one statement: both engines take 32 766."""
_FULL = ("SQLITE_FULL", "53100")


def open_database(url: str | Path) -> Engine:
    """Open the database, creating and migrating it as needed.

    `url` is the path of a SQLite file, or a URL `sqlite:///…` or `postgresql://…`. Raises FatalError
    `incident.database.*`; no text of the driver, which may hold a password or a value, is ever passed on.
    """
    with _no_foreign_words():
        engine = _sqlite(url) if isinstance(url, Path) else _from_url(url)
        try:
            _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
    return engine


def _from_url(url: str) -> Engine:
    if "://" not in url:
        return _sqlite(Path(url))
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise FatalError("incident.database.unsupported") from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return _sqlite(Path(parsed.database))
        case "postgresql":
            return _postgresql(parsed)
    raise FatalError("incident.database.unsupported")


def _sqlite(path: Path) -> Engine:
    with translate_disk_errors():
        make_private_folder(path.parent)
        # The log files that SQLite puts beside the database take its mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        sync_folder(path.parent)
    engine = create_engine(
        f"sqlite:///{path.absolute()}",
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    with _gate(engine), engine.connect():
        return engine  # the first connection turns a new file to WAL, which only one may do


def _prepare(connection: Any, _record: object) -> None:
    """Set up a SQLite connection; transactions are ours to begin, not the driver's to guess."""
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Begin a writer as a writer: one that reads first and writes later could be refused in the middle."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"client_encoding": "utf8"},  # of a database in SQL_ASCII the driver would give bytes for texts
    )


def find_sqlite_path(engine: Engine) -> Path | None:
    """Give the SQLite file; None on PostgreSQL."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


@contextmanager
def open_reader(engine: Engine) -> Iterator[Connection]:
    """Lend a connection in one snapshot."""
    with _no_foreign_words(), engine.connect() as connection:
        yield connection


@contextmanager
def open_writer(engine: Engine) -> Iterator[Connection]:
    """Lend a connection in one transaction: committed at the end, rolled back by any exception."""
    with _gate(engine), _no_foreign_words():
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
        if (path := find_sqlite_path(engine)) and _wal_size(path) > _WAL_LIMIT:
            _checkpoint(engine)


@contextmanager
def open_advisory(engine: Engine) -> Iterator[Connection]:
    """Lend a PostgreSQL connection that is in no transaction, for session-level locks; closed for good at the end."""
    with _no_foreign_words():
        connection = engine.execution_options(isolation_level="AUTOCOMMIT").connect()
    try:
        yield connection
    finally:
        connection.invalidate()
        connection.close()


def truncate_wal(engine: Engine) -> None:
    """Fold the write-ahead log into the SQLite file and empty it, so that what was erased is not left in it."""
    if find_sqlite_path(engine):
        with _gate(engine), _no_foreign_words():
            _checkpoint(engine)


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that knows ON CONFLICT."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  most machines have no server

    return postgresql.insert(table)


def iter_slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a long list of keys into lists that one statement can take."""
    for start in range(0, len(items), _SLICE):
        yield items[start : start + _SLICE]


@contextmanager
def _gate(engine: Engine) -> Iterator[None]:
    """On SQLite, let one writer through at a time, of all threads and processes."""
    if not (path := find_sqlite_path(engine)):
        yield
        return
    lock = FileLock(path.with_name(f"{path.name}-gate"))
    with translate_disk_errors():
        free = lock.acquire(wait=_GATE_SECONDS)
    if not free:
        raise FatalError("incident.database.busy")
    try:
        yield
    finally:
        lock.release()


def _wal_size(path: Path) -> int:
    wal = path.with_name(f"{path.name}-wal")
    return wal.stat().st_size if wal.exists() else 0


def _checkpoint(engine: Engine) -> None:
    """Checkpoint outside any transaction. A reader that holds an old snapshot only makes it stop early."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.close()


@contextmanager
def _no_foreign_words() -> Iterator[None]:
    """Turn a driver's exception into ours: its text may hold values, its code does not."""
    try:
        yield
    except DBAPIError as error:
        raise _failure(error) from None
    except SQLAlchemyError as error:
        raise FatalError("incident.database.failed", cause=type(error).__name__) from None


def _failure(error: DBAPIError) -> FatalError:
    cause = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    if cause in _FULL:
        return FatalError("incident.database.full")
    if cause is None and type(error.orig).__name__ == "OperationalError":
        return FatalError("incident.database.unreachable")
    return FatalError("incident.database.failed", cause=cause or type(error.orig).__name__)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    """Bring the tables to HEAD in one transaction, whoever else is starting at the same moment."""
    with open_reader(engine) as connection:
        if _revision(connection) == HEAD:
            return
    with open_writer(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        if inspect(connection).get_table_names():
            upgrade(connection)
        else:
            create(connection)


def create(connection: Connection) -> None:
    """Make the tables of an empty database as the migrations would (a test compares), without loading Alembic."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text(_VERSIONS))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing. Raises FatalError `incident.database.newer`."""
    from alembic import command  # noqa: PLC0415  only a database that is behind pays for loading Alembic
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise FatalError("incident.database.newer") from None
