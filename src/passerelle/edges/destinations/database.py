"""A database as a destination: one table for each contract, one row for each record, the latest version in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, create_engine, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateColumn

from passerelle.contracts import catalogue
from passerelle.edges.destinations import cells
from passerelle.vocabulary import strictjson
from passerelle.vocabulary.errors import FatalError, FlowError, PasserelleError, SettingsError, TransientError
from passerelle.vocabulary.failpoints import failpoint
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql.dml import Insert

    from passerelle.contracts.contract import Contract
    from passerelle.vocabulary.parcels import Ready

KEY = "passerelle_key"
"""Column of the idempotency key under which the row was last written."""
VERSION = "passerelle_version"
_DELIVERED = Answer(Fate.DELIVERED)
_INSERTS: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_OF_THE_RECORD = ("22", "23")
"""SQLSTATE classes that speak of the record: data exceptions, violated constraints of somebody's own."""
_PASSING = ("08", "40", "53", "55", "57", "58")
"""SQLSTATE classes that pass: connection, rollback, resources, lock, operator's intervention, system."""


class DatabaseDestination:
    """Writes each batch in one transaction; a row is replaced by a newer version of its `ref`, never by an older one.

    Tables and new nullable columns are created as the contract grows; nothing is ever dropped or changed. Scalars have
    types of their own (`edges/destinations/cells.py`), objects and lists are JSON.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "passerelle_",
        contract: Callable[[str], type[Contract]] = catalogue.get,
    ) -> None:
        try:
            self._engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
        except (SQLAlchemyError, ImportError):
            raise SettingsError("incident.address.unusable") from None
        if self._engine.dialect.name not in _INSERTS:
            raise SettingsError("incident.address.unusable")
        self._prefix = prefix
        self._contract = contract
        self._tables: dict[str, Table] = {}

    def deliver(self, ready: Ready) -> list[Answer]:
        """Write all records. A record that the database refuses is REFUSED, the others are written."""
        if not len(ready):
            return []
        try:
            answers = self._write(ready)
        except DBAPIError as problem:
            raise _named(problem) from None
        except SQLAlchemyError:
            raise FlowError("incident.destination.forbidden", sqlstate="-") from None
        failpoint("database.written")
        return answers

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def _write(self, ready: Ready) -> list[Answer]:
        with self._engine.begin() as connection:
            table = self._table(connection, ready.contract)
            rows = self._rows(ready)
            statement = self._upsert(table)
            order = sorted(range(len(rows)), key=lambda place: (ready.versions[place], place))
            try:
                with connection.begin_nested():
                    connection.execute(statement, [rows[place] for place in order])
            except DBAPIError as problem:
                if not _state(problem).startswith(_OF_THE_RECORD):
                    raise
            else:
                return [_DELIVERED] * len(rows)
            answers = {place: _write_one(connection, statement, rows[place]) for place in order}
        return [answers[place] for place in range(len(rows))]

    def _rows(self, ready: Ready) -> list[dict[str, Any]]:
        readers = cells.readers(self._contract(ready.contract), self._engine.dialect.name)
        rows = []
        for body, key, version in zip(ready.bodies, ready.keys, ready.versions, strict=True):
            record = strictjson.loads(body)
            row = {name: read(record.get(name)) for name, read in readers.items()}
            rows.append(row | {KEY: key, VERSION: version})
        return rows

    def _table(self, connection: Connection, contract: str) -> Table:
        """Give the contract's table, which exists with all its columns from here on."""
        if contract in self._tables:
            return self._tables[contract]
        name = self._prefix + contract.replace("/", "_")
        table = Table(
            name,
            MetaData(),
            *cells.columns(self._contract(contract)),
            Column(KEY, Text, nullable=False),
            Column(VERSION, BigInteger, nullable=False),
        )
        table.create(connection, checkfirst=True)
        _add_columns(connection, table)
        self._tables[contract] = table
        return table

    def _upsert(self, table: Table) -> Insert:
        statement = _INSERTS[self._engine.dialect.name](table)
        fresh = {column.name: statement.excluded[column.name] for column in table.columns if column.name != "ref"}
        upsert: Insert = statement.on_conflict_do_update(
            index_elements=["ref"],
            set_=fresh,
            where=table.c[VERSION] <= statement.excluded[VERSION],
        )
        return upsert


def _add_columns(connection: Connection, table: Table) -> None:
    """Add what an older table lacks. Identifiers come from our contracts and are quoted by the dialect."""
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    quoted = connection.dialect.identifier_preparer.format_table(table)
    for column in table.columns:
        if column.name not in there:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {definition}")


def _write_one(connection: Connection, statement: Insert, row: dict[str, Any]) -> Answer:
    try:
        with connection.begin_nested():
            connection.execute(statement, row)
    except DBAPIError as problem:
        if not (state := _state(problem)).startswith(_OF_THE_RECORD):
            raise
        return Answer(Fate.REFUSED, "deliver.row.refused", {"sqlstate": state})
    return _DELIVERED


def _state(problem: DBAPIError) -> str:
    """Give the SQLSTATE; for SQLite, its error name translated to the class it would have."""
    state = getattr(problem.orig, "sqlstate", None)
    if isinstance(state, str):
        return state
    name = str(getattr(problem.orig, "sqlite_errorname", ""))
    return next((known for start, known in _SQLITE if name.startswith(start)), "")


_SQLITE = (
    ("SQLITE_CONSTRAINT", "23000"),
    ("SQLITE_MISMATCH", "22000"),
    ("SQLITE_TOOBIG", "22001"),
    ("SQLITE_BUSY", "55P03"),
    ("SQLITE_LOCKED", "55P03"),
    ("SQLITE_FULL", "disk"),
    ("SQLITE_IOERR", "disk"),
    ("SQLITE_CANTOPEN", "42501"),
    ("SQLITE_READONLY", "42501"),
    ("SQLITE_NOTADB", "XX001"),
)


def _named(problem: DBAPIError) -> PasserelleError:
    """Name a database error without its text, which holds values."""
    state = _state(problem)
    if state == "disk":
        return FatalError("incident.disk.full")
    if problem.connection_invalidated or not state or state.startswith(_PASSING):
        return TransientError("incident.destination.unreachable")
    return FlowError("incident.destination.forbidden", sqlstate=state)
