"""Carries the rows of one organisation from one database to another, between SQLite and PostgreSQL, as they are stored.

Nothing is opened and nothing sealed: rows keep their numbers, so that what names them goes on to find them. On
PostgreSQL all organisations draw numbers from one sequence, which is moved behind those that came; two organisations
may have the same, since every key begins with the organisation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, Table, TypeDecorator, delete, func, insert, select, text

from passerelle.stores import schema
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.organisation_schema import metadata, organisation
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

_TOGETHER = 2_000
"""Rows in memory at a time."""
Books = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class CarriedRows:
    """What was carried over: the same on both sides, or nothing was."""

    rows: Mapping[str, int]
    """By table."""
    books: Books
    """By flow: what was received since the beginning, and by fate."""


def carry_journal(source: Engine, target: Engine) -> CarriedRows:
    """Carry a journal over in one transaction, and hold the books of both sides against each other before it ends.

    Raises UsageError `usage.move.taken` where the target has rows already, FatalError `incident.move.books`.
    """
    tables = [table for table in metadata.sorted_tables if table is not organisation]
    with open_snapshot(source) as old, open_writer(target) as new:
        if any(_count_rows(new, tables).values()):
            raise UsageError("usage.move.taken")
        carry_tables(old, new, tables)
        before, after = (CarriedRows(_count_rows(each, tables), sum_books(each)) for each in (old, new))
        if before != after:
            raise FatalError("incident.move.books")
    return after


def drop_journal(engine: Engine) -> None:
    """Remove all rows of the organisation of a shared journal, its key too, in one transaction."""
    with open_writer(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


def open_snapshot(engine: Engine) -> AbstractContextManager[Connection]:
    """Return a context with a connection that reads one snapshot, however long it takes."""
    shared = engine.dialect.name == "postgresql"
    return open_reader(engine.execution_options(isolation_level="REPEATABLE READ") if shared else engine)


def carry_tables(old: Connection, new: Connection, tables: list[Table]) -> None:
    """Copy the rows of tables, in their order, with all numbers, and go on to number behind them."""
    plain = MetaData()
    for table in tables:
        raw = Table(table.name, plain, *(Column(column.name, _find_stored(column)) for column in table.columns))
        for rows in old.execute(select(raw).execution_options(yield_per=_TOGETHER)).partitions():
            new.execute(insert(raw), [dict(row._mapping) for row in rows])  # noqa: SLF001  how SQLAlchemy names a row
        if (serial := table.autoincrement_column) is not None:
            _continue_numbers(new, table.name, serial.name, _find_last_number(old, table.name, serial.name))


def sum_books(connection: Connection) -> Books:
    """Return the books of each flow since the beginning: what was received, and what became of it, by fate."""
    batch, parcel = schema.batch, schema.parcel
    names = ("received", *(fate.value for fate in Fate))
    sums = [func.sum(batch.c[name]) for name in names]
    joined = batch.join(parcel, batch.c.parcel_id == parcel.c.id)
    rows = connection.execute(select(parcel.c.flow, *sums).select_from(joined).group_by(parcel.c.flow))
    return {row[0]: dict(zip(names, map(int, row[1:]), strict=True)) for row in rows}


def _count_rows(connection: Connection, tables: list[Table]) -> dict[str, int]:
    return {each.name: int(connection.execute(select(func.count()).select_from(each)).scalar_one()) for each in tables}


def _find_stored(column: Column[Any]) -> Any:
    """Return the type as which a column is stored: a sealed word stays sealed."""
    return column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type


def _find_last_number(connection: Connection, table: str, column: str) -> int:
    """Return the last number that a table gave, also to a row that is gone since."""
    if connection.dialect.name == "postgresql":
        statement = f"SELECT last_value FROM {_name_sequence(connection, table, column)}"  # noqa: S608  our own names
        return int(connection.execute(text(statement)).scalar_one())
    highest = int(connection.execute(text(f'SELECT coalesce(max("{column}"), 0) FROM "{table}"')).scalar_one())  # noqa: S608  see above
    if not connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")).first():
        return highest
    given = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    return max(highest, int(connection.execute(given, {"table": table}).scalar() or 0))


def _continue_numbers(connection: Connection, table: str, column: str, last: int) -> None:
    if not last:
        return
    if connection.dialect.name == "postgresql":
        sequence = _name_sequence(connection, table, column)
        moved = text(
            "SELECT setval(CAST(:sequence AS regclass), greatest(nextval(CAST(:sequence AS regclass)), :last))"
        )
        connection.execute(moved, {"sequence": sequence, "last": last})
        return
    values = {"table": table, "last": last}
    for keeps in connection.execute(
        text("SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE name = :table"), values
    ):
        if keeps[0]:
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), values)
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)"), values)


def _name_sequence(connection: Connection, table: str, column: str) -> str:
    named = text("SELECT pg_get_serial_sequence(:table, :column)")
    return str(connection.execute(named, {"table": f'"{table}"', "column": column}).scalar_one())
