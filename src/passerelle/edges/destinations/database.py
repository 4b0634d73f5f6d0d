"""A database as a destination: one table for each contract, one row for each record, the latest version in it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, inspect, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateColumn

from passerelle.contracts.catalogue import get
from passerelle.edges.databases.connection import open_engine
from passerelle.edges.databases.sqlstates import name_problem
from passerelle.edges.destinations import cells
from passerelle.edges.destinations.readable_views import list_views, prepare_views
from passerelle.edges.destinations.table_writing import (
    DELIVERED,
    KEY,
    UPSERTING,
    VERSION,
    TableWriter,
    delete_rows,
    put_row,
)
from passerelle.vocabulary import strict_json
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.parcels import BatchKey

_PAGE = 5_000
"""Rows of one look at a whole table."""
_IN_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
"""Transactions, every character, and no two references that are one to MySQL alone."""

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from passerelle.contracts.contract import Contract
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.withdrawals import Withdrawal


class DatabaseDestination:
    """Writes each batch in one transaction; a row is replaced by a newer version of its `ref`, never by an older one.

    What is written is looked at: where the database is ahead (the state beside the settings was restored or lost), the
    record goes as the version after the one that is there. Fields that a record does not say stay as they are.

    Tables and new nullable columns are created as the contract grows; nothing is ever dropped or changed. Scalars have
    types of their own (`edges/destinations/cells.py`), objects and lists are JSON. A table `<prefix>last_batch` holds
    the last batch of each flow. With `views`, there are readable views beside the tables. `url` names a database of a
    kind that `edges/databases` knows.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "passerelle_",
        views: bool = False,
        contract: Callable[[str], type[Contract]] = get,
    ) -> None:
        self._engine = open_engine(url)
        self._prefix = prefix
        self._views = views
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
        # Faults of conversion have no SQLSTATE, and their text may hold a value.
        except (SQLAlchemyError, ValueError, ArithmeticError):
            raise FlowError("incident.destination.forbidden", sqlstate="-") from None
        # Only now: a transaction that is rolled back takes its new table with it.
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
                self._make_last_batch_table().create(connection, checkfirst=True)
                table = self._make_table(withdrawal.contract)
                is_there = inspect(connection).has_table(table.name)
                answers = delete_rows(connection, table, withdrawal) if is_there else [DELIVERED] * len(withdrawal)
                # a deletion is a version: without this, every parcel behind it would be taken for a disagreement
                self._note_last_batch(connection, withdrawal.flow, withdrawal.batch)
        except DBAPIError as problem:
            raise name_problem(problem) from None
        hit_failpoint("database.written")
        return answers

    def try_out(self) -> None:
        """Connect, and make a table in a transaction that is rolled back: whether the account may, only this tells.

        A database that rolls back no table gets the one that the first run would make, empty: nothing is to be removed.
        Raises TransientError when the database cannot be reached, FlowError when it refuses.
        """
        trial = Table(f"{self._prefix}trial", MetaData(), Column("ref", Text, primary_key=True))
        if not self._rolls_tables_back:
            trial = self._make_last_batch_table()
        try:
            with self._engine.connect() as connection, connection.begin() as transaction:
                trial.create(connection, checkfirst=True)
                if self._views and self._rolls_tables_back:
                    name = connection.dialect.identifier_preparer.quote(f"{trial.name}_lisible")
                    connection.exec_driver_sql(f"CREATE VIEW {name} AS SELECT ref FROM {trial.name}")  # noqa: S608  ours
                transaction.rollback()
        except DBAPIError as problem:
            raise name_problem(problem) from None
        except SQLAlchemyError:
            raise FlowError("incident.destination.forbidden", sqlstate="-") from None

    @property
    def _rolls_tables_back(self) -> bool:
        return self._engine.dialect.name in (*UPSERTING, "mssql")

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _write(self, connection: Connection, delivery: Delivery) -> list[Answer]:
        table = self._make_table(delivery.contract)
        if delivery.contract not in self._prepared:
            # Tables before rows: with MySQL and Oracle, a table that is made ends the transaction.
            self._make_last_batch_table().create(connection, checkfirst=True)
            table.create(connection, checkfirst=True)
            _add_columns(connection, table)
            if self._views:
                prepare_views(connection, list_views(self._contract(delivery.contract), table.name))
        answers = TableWriter(connection, table, delivery, self._make_rows(delivery)).write()
        # In the transaction of the rows: what is written and what is said to be cannot part.
        self._note_last_batch(connection, delivery.flow, delivery.batch)
        return answers

    def _note_last_batch(self, connection: Connection, flow: str, batch: BatchKey) -> None:
        """Note what this database took last: the journal is held against it before the next parcel."""
        row = {"flow": flow, "parcel": batch.parcel, "number": batch.number}
        put_row(connection, self._make_last_batch_table(), row, key="flow")

    def find_last_batch(self, flow: str) -> BatchKey | None:
        """Return the batch that this database took last from a flow; None when it knows of none."""
        last_batch = self._make_last_batch_table()
        wanted = select(last_batch.c.parcel, last_batch.c.number).where(last_batch.c.flow == flow)
        with self._read() as connection:
            if not inspect(connection).has_table(last_batch.name):
                return None
            row = connection.execute(wanted).first()
        return BatchKey(row.parcel, row.number) if row else None

    def iter_versions(self, contract: str) -> Iterator[tuple[list[str], list[int]]]:
        """Yield refs and versions of all rows of a contract, some thousands at a time, in the order of refs."""
        table, after = self._make_table(contract), None
        with self._read() as connection:
            if not inspect(connection).has_table(table.name):
                return
            while True:
                # By key and not by OFFSET, which reads again all that it leaves out.
                page = select(table.c.ref, table.c[VERSION]).order_by(table.c.ref)
                page = page if after is None else page.where(table.c.ref > after)
                rows = connection.execute(page.limit(_PAGE)).all()
                if not rows:
                    return
                yield [row[0] for row in rows], [row[1] for row in rows]
                after = rows[-1][0]

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as problem:
            raise name_problem(problem) from None

    def _make_table(self, contract: str) -> Table:
        return Table(
            self._prefix + contract.replace("/", "_"),
            MetaData(),
            *cells.list_columns(self._contract(contract)),
            Column(KEY, cells.SHORT_TEXT, nullable=False),
            Column(VERSION, BigInteger, nullable=False),
            **_IN_MYSQL,
        )

    def _make_last_batch_table(self) -> Table:
        flow, parcel = Column("flow", cells.KEY_TEXT, primary_key=True), Column("parcel", cells.SHORT_TEXT)
        return Table(f"{self._prefix}last_batch", MetaData(), flow, parcel, Column("number", BigInteger), **_IN_MYSQL)

    def _make_rows(self, delivery: Delivery) -> list[dict[str, Any]]:
        readers = cells.list_readers(self._contract(delivery.contract), self._engine.dialect.name)
        # Most records have a third of the fields: what is not there is copied, not read.
        absent: dict[str, Any] = dict.fromkeys(readers)
        rows = []
        for body, key, version in zip(delivery.bodies, delivery.keys, delivery.versions, strict=True):
            record = strict_json.parse_json(body)
            there = {name: readers[name](value) for name, value in record.items() if name in readers}
            rows.append({**absent, **there, KEY: key, VERSION: version})
        return rows


def _add_columns(connection: Connection, table: Table) -> None:
    """Add the columns that an older table lacks. Names come from our contracts and are quoted by the dialect."""
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    quoted = connection.dialect.identifier_preparer.format_table(table)
    for column in table.columns:
        if column.name not in there:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD {definition}")
