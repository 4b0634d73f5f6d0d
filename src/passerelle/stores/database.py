"""The database behind the stores, SQLite or PostgreSQL: open it, migrate it, read and write in transactions.

SQLite before 3.51.3 can damage a WAL database when two connections write or checkpoint at the same instant («WAL-reset
bug», sqlite.org/wal.html), and Python still links older ones. So there is one connection in a process, every write of
any process passes a gate (a lock file beside the database), and checkpoints happen only there: automatic ones are off.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from passerelle.stores import tenancy
from passerelle.stores.all_tables import metadata
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.stores.file_mark import drop_mark
from passerelle.stores.filelock import FileLock
from passerelle.stores.migrations import HEAD
from passerelle.stores.schema_range import keep_oldest, may_go_on
from passerelle.vocabulary.database_tls import choose_tls
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.safe_files import open_lock, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import URL, Table

    from passerelle.stores.tenant_tables import TenantInsert

T = TypeVar("T")
_GATE_SECONDS = 30
"""How long a writer waits for its turn."""
_READERS_SECONDS = 5
"""How long a checkpoint waits for readers; then it does what it can, and the next one does the rest."""
_WAL_LIMIT = 32 << 20
"""Bytes of write-ahead log above which a writer checkpoints it into the database: once a parcel, unless it is large."""
_MIGRATION_LOCK = 7_061_737
"""Number of the advisory lock under which PostgreSQL is migrated: any, but always the same."""
# FULL: a committed parcel must survive a power cut before its source is acknowledged. secure_delete: a discarded
# payload must not stay in free pages. Temporary tables in memory: no value reaches a file outside the state folder.
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
# Out of disk space: SQLite's error name, PostgreSQL's SQLSTATE.
_FULL = ("SQLITE_FULL", "53100")
# The file is no database any more: SQLite's error names; PostgreSQL's data_corrupted and index_corrupted.
# Somebody else holds it: SQLite's error names, PostgreSQL's lock_not_available and deadlock_detected.
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40P01")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002")


def open_database(url: str | Path, organisation: str = "") -> Engine:
    """Open the database, creating and migrating it as needed.

    `url` is the path of a SQLite file, or a URL `sqlite:///…` or `postgresql://…`; on PostgreSQL, the rows of one
    organisation are all that is seen and written. Raises FatalError `incident.database.*`; no text of the driver,
    which may hold a password or a value, is ever passed on.
    """
    with _translate_database_errors():
        engine = open_sqlite(url) if isinstance(url, Path) else _open_url(url, organisation)
        try:
            _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
    return engine


def open_shared_database(url: str, organisation: str) -> Engine:
    """Open a journal that several machines share, on PostgreSQL. Raises as `open_database` does."""
    if not url.startswith("postgresql"):
        raise FatalError("incident.database.unsupported")
    return open_database(url, organisation)


def open_server(url: str, organisation: str, connections: int = 0) -> Engine:
    """Open a database of PostgreSQL as it is: nothing is migrated. Raises as `open_database` does.

    `connections`: how many are used at the same time, where these are more than usual.
    """
    with _translate_database_errors():
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise FatalError("incident.database.unsupported") from None
        if parsed.get_backend_name() != "postgresql":
            raise FatalError("incident.database.unsupported")
        return _open_postgresql(parsed, organisation, connections)


def name_server_database(url: str) -> tuple[str, int, str]:
    """Return host, port and name of a database on PostgreSQL. Raises FatalError `incident.database.unsupported`."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise FatalError("incident.database.unsupported") from None
    host = parsed.host or str(parsed.query.get("host", ""))
    return host, parsed.port or int(str(parsed.query.get("port", 5432))), parsed.database or parsed.username or ""


def _open_url(url: str, organisation: str) -> Engine:
    if "://" not in url:
        return open_sqlite(Path(url))
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise FatalError("incident.database.unsupported") from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return open_sqlite(Path(parsed.database))
        case "postgresql":
            return _open_postgresql(parsed, organisation)
    raise FatalError("incident.database.unsupported")


def open_sqlite(path: Path) -> Engine:
    """Open a SQLite file, created where there is none, as it is: nothing is migrated."""
    with translate_disk_errors():
        make_private_folder(path.parent)
        # The log files that SQLite puts beside the database take its mode.
        os.close(open_lock(path))
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
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin_transaction)
    with _hold_gate(engine), engine.connect():
        return engine  # the first connection turns a new file to WAL, which only one may do


def _prepare_connection(connection: Any, _record: object) -> None:
    """Set the pragmas of a new SQLite connection."""
    # Without an isolation level the driver begins no transaction of its own: `_begin_transaction` does.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_transaction(connection: Connection) -> None:
    """Begin a transaction; a writer's at once as one: it could not upgrade from reading once another one wrote."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_postgresql(url: URL, organisation: str, connections: int = 0) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        max_overflow=max(10, connections),
        # for a database in SQL_ASCII the driver would return bytes for texts
        connect_args={"client_encoding": "utf8"} | choose_tls(url.host, url.query),
    )
    tenancy.set_organisation(engine, organisation or tenancy.ALONE)
    try:
        with engine.connect() as connection:
            tenancy.refuse_bypass(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def find_sqlite_path(engine: Engine) -> Path | None:
    """Return the path of the SQLite file; None on PostgreSQL."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


@contextmanager
def open_reader(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that reads one snapshot."""
    with _translate_database_errors(), engine.connect() as connection:
        yield connection


@contextmanager
def open_writer(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in one transaction: committed at the end, rolled back by any exception."""
    with _hold_gate(engine), _translate_database_errors():
        if path := find_sqlite_path(engine):
            drop_mark(path)
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
        if path:
            wal = path.with_name(f"{path.name}-wal")
            if wal.exists() and wal.stat().st_size > _WAL_LIMIT:
                _checkpoint(engine)


@contextmanager
def open_advisory(engine: Engine) -> Iterator[Connection]:
    """Yield a PostgreSQL connection outside any transaction, for session-level locks; closed for good at the end."""
    with _translate_database_errors():
        connection = engine.execution_options(isolation_level="AUTOCOMMIT").connect()
    try:
        yield connection
    finally:
        # at once: the server notices that a connection is closed a moment later, and the next claim would find it taken
        with suppress(SQLAlchemyError):
            connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
        connection.invalidate()  # back in the pool it would keep its locks
        connection.close()


@contextmanager
def open_autocommit(engine: Engine) -> Iterator[Connection]:
    """Yield a PostgreSQL connection outside any transaction, for what the server does in none."""
    with (
        _translate_database_errors(),
        engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection,
    ):
        yield connection


def truncate_wal(engine: Engine) -> None:
    """Checkpoint the write-ahead log of SQLite and empty it, so that erased values do not remain in it."""
    if find_sqlite_path(engine):
        with _hold_gate(engine), _translate_database_errors():
            _checkpoint(engine)


@contextmanager
def hold_still(engine: Engine, *, checkpoint: bool = False) -> Iterator[Path | None]:
    """Yield the path of the SQLite file while nobody writes it; None when it does not hold everything.

    That is so on PostgreSQL, and as long as the write-ahead log has something that was not checkpointed.
    """
    path = find_sqlite_path(engine)
    if path is None:
        yield None
        return
    with _hold_gate(engine), _translate_database_errors():
        if checkpoint:
            _checkpoint(engine)
        wal = path.with_name(f"{path.name}-wal")
        yield None if wal.exists() and wal.stat().st_size else path


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | TenantInsert:
    """Return an INSERT of the dialect, which has ON CONFLICT."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from passerelle.stores.tenant_tables import TenantInsert  # noqa: PLC0415  most machines have no server

    return TenantInsert(table)


def iter_slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield slices of a long list of keys, short enough for the parameters of one statement."""
    for start in range(0, len(items), _SLICE):
        yield items[start : start + _SLICE]


@contextmanager
def _hold_gate(engine: Engine) -> Iterator[None]:
    """Hold the write lock of a SQLite database, shared by all threads and processes; no lock on PostgreSQL."""
    if not (path := find_sqlite_path(engine)):
        yield
        return
    lock = FileLock(path.with_name(f"{path.name}-gate"))
    with translate_disk_errors():
        acquired = lock.acquire(wait=_GATE_SECONDS)
    if not acquired:
        raise FatalError("incident.database.busy")
    try:
        yield
    finally:
        lock.release()


def _checkpoint(engine: Engine) -> None:
    """Checkpoint outside any transaction; a reader with an old snapshot only makes it stop early."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.close()


@contextmanager
def _translate_database_errors() -> Iterator[None]:
    """Translate exceptions of the driver into FatalError, without their text, which may hold values."""
    try:
        yield
    except DBAPIError as error:
        raise _to_fatal_error(error) from None
    except UnicodeDecodeError:
        # what a damaged schema names, in the driver's own message
        raise FatalError("incident.journal.corrupt", cause="UTF-8") from None
    except SQLAlchemyError as error:
        raise FatalError("incident.database.failed", cause=type(error).__name__) from None


def _to_fatal_error(error: DBAPIError) -> FatalError:
    cause = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    if cause in _FULL:
        return FatalError("incident.database.full")
    if cause is not None and cause.startswith(_DAMAGED):
        return FatalError("incident.journal.corrupt", cause=cause)
    if cause is not None and cause.startswith(_BUSY):
        return FatalError("incident.database.busy")
    # psycopg reports a refused connection as an OperationalError without SQLSTATE.
    if cause is None and type(error.orig).__name__ == "OperationalError":
        return FatalError("incident.database.unreachable")
    return FatalError("incident.database.failed", cause=cause or type(error.orig).__name__)


def _migrate(engine: Engine) -> None:
    """Migrate the tables to HEAD in one transaction, safely when several processes start together."""
    with open_reader(engine) as connection:
        if may_go_on(connection):
            return
    with open_writer(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            _migrate_shared(connection)
        elif inspect(connection).get_table_names():
            upgrade(connection)
        else:
            create(connection)


def _migrate_shared(connection: Connection) -> None:
    """Migrate the rows of all organisations, and guard the tables that are there then."""
    from passerelle.stores import tenant_tables  # noqa: PLC0415  most machines have no server

    if there := inspect(connection).get_table_names():
        tenant_tables.lift_guards(connection, metadata.tables.keys() & there)
        upgrade(connection)
    else:
        create(connection)
    tenant_tables.guard_tables(connection, metadata.tables.keys())
    keep_oldest(connection)


def create(connection: Connection) -> None:
    """Create the tables of an empty database as the migrations would (a test compares), without loading Alembic."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text(_VERSIONS))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def upgrade(connection: Connection) -> None:
    """Run the missing migrations. Raises FatalError `incident.database.newer` for a database of a later version."""
    from alembic import command  # noqa: PLC0415  only a database that is behind pays for loading Alembic
    from alembic.config import Config  # noqa: PLC0415  see above
    from alembic.util import CommandError  # noqa: PLC0415  see above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise FatalError("incident.database.newer") from None
