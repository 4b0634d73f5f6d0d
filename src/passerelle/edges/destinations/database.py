"""A database as a destination: one table for each contract, one row for each record, the latest version in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, delete, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateColumn

from passerelle.contracts.catalogue import get
from passerelle.edges.destinations import cells
from passerelle.edges.destinations.connection import find_sqlstate, is_of_the_record, name_problem, open_engine
from passerelle.vocabulary import strict_json
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.sql.dml import Insert

    from passerelle.contracts.contract import Contract
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.withdrawals import Withdrawal

KEY = "passerelle_key"
"""Column of the idempotency key under which the row was last written."""
VERSION = "passerelle_version"
_DELIVERED = Answer(Fate.DELIVERED)


class DatabaseDestination:
    """Writes each batch in one transaction; a row is replaced by a newer version of its `ref`, never by an older one.

    Tables and new nullable columns are created as the contract grows; nothing is ever dropped or changed. Scalars have
    types of their own (`edges/destinations/cells.py`), objects and lists are JSON. `url` names an SQLite or PostgreSQL
    database.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "passerelle_",
        contract: Callable[[str], type[Contract]] = get,
    ) -> None:
        self._engine = open_engine(url)
        self._prefix = prefix
        self._contract = contract
        self._prepared: set[str] = set()

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Write all records. A record that the database refuses is REFUSED, the others are written."""
        if not len(delivery):
            return []
        try:
            with self._engine.begin() as connection:
                answers = self._write(connection, delivery)
        except DBAPIError as problem:
            raise name_problem(problem) from None
        except (SQLAlchemyError, ValueError, ArithmeticError):
            raise FlowError("incident.destination.forbidden", sqlstate="-") from None
        self._prepared.add(delivery.contract)
        hit_failpoint("database.written")
        return answers

    @property
    def can_withdraw(self) -> bool:
        """Whether rows can be deleted: always."""
        return True

    def withdraw(self, withdrawal: Withdrawal) -> list[Answer]:
        """Delete rows in one transaction; a row that was written with a newer version stays."""
        if not len(withdrawal):
            return []
        try:
            with self._engine.begin() as connection:
                table = self._make_table(withdrawal.contract)
                if inspect(connection).has_table(table.name):
                    is_older = table.c[VERSION] <= bindparam("version")
                    statement = delete(table).where(table.c["ref"] == bindparam("gone"), is_older)
                    pairs = zip(withdrawal.refs, withdrawal.versions, strict=True)
                    connection.execute(statement, [{"gone": ref, "version": version} for ref, version in pairs])
        except DBAPIError as problem:
            raise name_problem(problem) from None
        hit_failpoint("database.written")
        return [_DELIVERED] * len(withdrawal)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _make_table(self, contract: str) -> Table:
        return Table(
            self._prefix + contract.replace("/", "_"),
            MetaData(),
            *cells.list_columns(self._contract(contract)),
            Column(KEY, Text, nullable=False),
            Column(VERSION, BigInteger, nullable=False),
        )

    def _write(self, connection: Connection, delivery: Delivery) -> list[Answer]:
        table = self._make_table(delivery.contract)
        if delivery.contract not in self._prepared:
            table.create(connection, checkfirst=True)
            _add_columns(connection, table)
        rows = self._make_rows(delivery)
        order = sorted(range(len(rows)), key=lambda place: (delivery.versions[place], place))
        statement = _make_upsert(table, connection.dialect.name)
        # One statement for the batch; row by row only when it failed, to find which record is refused.
        if _try(connection, statement, [rows[place] for place in order]) is None:
            return [_DELIVERED] * len(rows)
        answers = [_DELIVERED] * len(rows)
        for place in order:
            if problem := _try(connection, statement, rows[place]):
                answers[place] = Answer(Fate.REFUSED, "deliver.row.refused", {"sqlstate": find_sqlstate(problem)})
        return answers

    def _make_rows(self, delivery: Delivery) -> list[dict[str, Any]]:
        readers = cells.list_readers(self._contract(delivery.contract), self._engine.dialect.name)
        rows = []
        for body, key, version in zip(delivery.bodies, delivery.keys, delivery.versions, strict=True):
            record = strict_json.parse_json(body)
            row = {name: read(record.get(name)) for name, read in readers.items()}
            rows.append(row | {KEY: key, VERSION: version})
        return rows


def _add_columns(connection: Connection, table: Table) -> None:
    """Add the columns that an older table lacks. Names come from our contracts and are quoted by the dialect."""
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    quoted = connection.dialect.identifier_preparer.format_table(table)
    for column in table.columns:
        if column.name not in there:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {definition}")


def _make_upsert(table: Table, dialect: str) -> Insert:
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    fresh = {column.name: insert.excluded[column.name] for column in table.columns if column.name != "ref"}
    # <=: the same version again, after a kill, must be able to write the same content
    is_newer = table.c[VERSION] <= insert.excluded[VERSION]
    return insert.on_conflict_do_update(index_elements=["ref"], set_=fresh, where=is_newer)


def _try(
    connection: Connection, statement: Insert, rows: Sequence[dict[str, Any]] | dict[str, Any]
) -> DBAPIError | None:
    """Write all rows at once; return the problem, with nothing written, when the database refuses one of them."""
    try:
        with connection.begin_nested():
            connection.execute(statement, rows)
    except DBAPIError as problem:
        if not is_of_the_record(problem):
            raise
        return problem
    return None
