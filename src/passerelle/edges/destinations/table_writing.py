"""Writes the records of a batch into one table, and looks at what is there afterwards: delivered means written."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from passerelle.edges.databases.sqlstates import find_sqlstate, is_of_the_record
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.sql.dml import Delete, Insert, Update

    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.withdrawals import Withdrawal

    Row = dict[str, Any]

KEY = "passerelle_key"
"""Column of the idempotency key under which the row was last written."""
VERSION = "passerelle_version"
DELIVERED = Answer(Fate.DELIVERED)
_UNWRITTEN = Answer(Fate.REFUSED, "deliver.row.unwritten")
_UNDELETED = Answer(Fate.REFUSED, "deliver.row.undeleted")
UPSERTING = frozenset({"postgresql", "sqlite"})
"""Kinds of databases with one statement that adds or changes by version, and says how many rows it wrote."""
_VALUE = "new_"
_REFS = 500
"""Refs of one look: SQLite took no more than 999 parameters in a statement for long."""


@dataclass(slots=True)
class TableWriter:
    """The rows of one delivery on their way into a table, in the caller's transaction."""

    connection: Connection
    table: Table
    delivery: Delivery
    rows: Sequence[Row]
    """One a record, by column."""
    answers: dict[int, Answer] = field(default_factory=dict)
    """By index: what is not simply delivered."""
    there: dict[str, tuple[str, int]] | None = None
    """Key and version by ref, as last read or written; None where one statement decides by itself what is newer."""

    def write(self) -> list[Answer]:
        """Write all rows and return one answer a record. A row that the database refuses leaves the others alone."""
        count = len(self.rows)
        if self.connection.dialect.name not in UPSERTING:
            self.there = self._read_rows(row["ref"] for row in self.rows)
        written = self._write_rows(range(count))
        # The usual case costs one comparison: every row that was sent was written.
        if written < count - len(self.answers) or (self.there is not None and not self._find_all()):
            self._write_again()
        return [self.answers.get(index, DELIVERED) for index in range(count)]

    def _write_rows(self, places: Iterable[int]) -> int:
        """Write rows in the order of versions, those with the same unsaid fields at once; return how many were."""
        unsaid = self.delivery.unsaid or ((),) * len(self.rows)
        order = sorted(places, key=lambda place: (self.rows[place][VERSION], unsaid[place], place))
        return sum(self._write_alike([*alike], kept) for kept, alike in groupby(order, key=lambda place: unsaid[place]))

    def _write_alike(self, places: Sequence[int], kept: Collection[str]) -> int:
        """Write rows that keep the same fields as they are; return how many the database wrote."""
        # One statement for all; row by row only when it failed, to find which record is refused.
        done = self._put(places, kept)
        if isinstance(done, int):
            return done
        written = 0
        for place in places:
            done = self._put([place], kept)
            if isinstance(done, int):
                written += done
            else:
                self.answers[place] = _refuse(done)
        return written

    def _put(self, places: Sequence[int], kept: Collection[str]) -> DBAPIError | int:
        """Write rows at once and return how many; the problem, with nothing done, when one is refused."""
        rows = [self.rows[place] for place in places]
        if self.there is None:
            return _try(self.connection, make_upsert(self.table, self.connection.dialect.name, kept=kept), rows)
        # What has no statement for both is looked at before, and held: what is there is changed, the rest is added.
        before = dict(self.there)
        fresh, newer = self._split_rows(rows)
        try:
            with self.connection.begin_nested():
                if fresh:
                    self.connection.execute(insert(self.table), fresh)
                if newer:
                    self.connection.execute(make_update(self.table, kept), list(map(name_values, newer)))
        except DBAPIError as problem:
            self.there = before
            if not is_of_the_record(problem):
                raise
            return problem
        return len(fresh) + len(newer)

    def _split_rows(self, rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
        """Return rows to add and rows to change, and note them as there; what is older than what is there is left."""
        fresh: list[Row] = []
        newer: list[Row] = []
        there = self.there if self.there is not None else {}
        for row in rows:
            found = there.get(row["ref"])
            # the same version again, after a kill, must be able to write the same content
            if found is not None and found[1] > row[VERSION]:
                continue
            (fresh if found is None else newer).append(row)
            there[row["ref"]] = (row[KEY], row[VERSION])
        return fresh, newer

    def _find_all(self) -> bool:
        """Whether the table holds what was written: a trigger of somebody's own may have kept it out."""
        wanted, self.there = self.there or {}, self._read_rows(row["ref"] for row in self.rows)
        return self.there == wanted

    def _write_again(self) -> None:
        """Write again, as the next version, what the database did not take because it is ahead."""
        behind = self._find_unwritten()
        self._write_rows(place for place in behind if place not in self.answers)
        for place in behind:
            if place not in self.answers:
                self.answers[place] = Answer(Fate.DELIVERED, version=self.rows[place][VERSION])
        there = self._read_rows(self.rows[place]["ref"] for place in behind)
        last = {self.rows[place]["ref"]: place for place in behind}
        for ref, place in last.items():
            # a trigger or a right of somebody's own may keep a row from being written, without a word
            if self.answers[place].fate is Fate.DELIVERED and there.get(ref, ("", 0))[0] != self.rows[place][KEY]:
                self.answers[place] = _UNWRITTEN

    def _find_unwritten(self) -> list[int]:
        """Return the places of rows that are not there, in the order of versions, with the version that each takes now.

        A row that is there under the key of this record, or of a later one of the same `ref` in this delivery, was
        written before: the process died between delivery and settling.
        """
        there = self._read_rows(row["ref"] for row in self.rows)
        self.there = None if self.there is None else there
        waiting: dict[str, list[int]] = {}
        order = sorted(range(len(self.rows)), key=lambda place: (self.rows[place][VERSION], place))
        for place in order:
            if place not in self.answers:
                waiting.setdefault(self.rows[place]["ref"], []).append(place)
        unwritten: list[int] = []
        for ref, places in waiting.items():
            key, version = there.get(ref, ("", 0))
            keys = [self.rows[place][KEY] for place in places]
            done = keys.index(key) + 1 if key in keys else 0
            if done > 1 and self.delivery.unsaid:
                done = 0  # the last one may have kept what one before it had to say first: all again, in their order
            if done:
                self._note_written(places[:done], version)
            for step, place in enumerate(places[done:], start=1):
                self.rows[place][VERSION] = max(self.rows[place][VERSION], version + step)
            unwritten += places[done:]
        return unwritten

    def _note_written(self, places: Sequence[int], version: int) -> None:
        """Note what is there already, where it is there under another version than the one asked for."""
        if version != self.rows[places[-1]][VERSION]:
            for place in places:
                self.answers[place] = Answer(Fate.DELIVERED, version=version)

    def _read_rows(self, refs: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Return key and version of rows by ref, held until the transaction ends."""
        wanted, there = list(dict.fromkeys(refs)), {}
        columns = self.table.c
        for start in range(0, len(wanted), _REFS):
            some = columns.ref.in_(wanted[start : start + _REFS])
            # SQLite has no row locks, and needs none: the whole transaction writes alone
            found = select(columns.ref, columns[KEY], columns[VERSION]).where(some).with_for_update()
            found = found.with_hint(self.table, "WITH (UPDLOCK, HOLDLOCK)", "mssql")
            there.update({ref: (key, version) for ref, key, version in self.connection.execute(found)})
        return there


def delete_rows(connection: Connection, table: Table, withdrawal: Withdrawal) -> list[Answer]:
    """Delete the rows of records and return one answer a record; a row with a newer version stays.

    A row that is there all the same, kept by a trigger or a right of somebody's own, is REFUSED.
    """
    ref, version = table.c.ref, table.c[VERSION]
    statement = delete(table).where(ref == bindparam("gone"), version <= bindparam("version"))
    versions = dict(zip(withdrawal.refs, withdrawal.versions, strict=True))
    pairs: list[Row] = [{"gone": gone, "version": newest} for gone, newest in versions.items()]
    refused: dict[str, Answer] = {}
    done = _try(connection, statement, pairs)
    if not isinstance(done, int):
        # a row that another table leans on, for example: the others are deleted all the same
        for gone, pair in zip(versions, pairs, strict=True):
            done = _try(connection, statement, pair)
            if not isinstance(done, int):
                refused[gone] = _refuse(done)
        done = 0
    if done != len(pairs):  # most often each is deleted: then nothing is looked up
        names = [gone for gone in versions if gone not in refused]
        for start in range(0, len(names), _REFS):
            some = select(ref, version).where(ref.in_(names[start : start + _REFS]))
            found = connection.execute(some)
            refused.update((gone, _UNDELETED) for gone, there in found if there <= versions[gone])
    return [refused.get(gone, DELIVERED) for gone in withdrawal.refs]


def _refuse(problem: DBAPIError) -> Answer:
    return Answer(Fate.REFUSED, "deliver.row.refused", {"sqlstate": find_sqlstate(problem)})


def make_update(table: Table, kept: Collection[str] = (), key: str = "ref") -> Update:
    """Return the statement that changes a row that is there, but for the columns in `kept`; see `name_values`."""
    names = (column.name for column in table.columns if column.name != key and column.name not in kept)
    changed = update(table).where(table.c[key] == bindparam(_VALUE + key))
    return changed.values({name: bindparam(_VALUE + name) for name in names})


def name_values(row: Row) -> Row:
    """Return a row under the names of `make_update`: under those of columns, each value would be set as well."""
    return {_VALUE + name: value for name, value in row.items()}


def put_row(connection: Connection, table: Table, row: Row, *, key: str) -> None:
    """Write one row of a table that has no versions."""
    if connection.dialect.name in UPSERTING:
        connection.execute(make_upsert(table, connection.dialect.name, key=key), row)
        return
    found = select(table.c[key]).where(table.c[key] == row[key]).with_for_update()
    is_there = connection.execute(found.with_hint(table, "WITH (UPDLOCK, HOLDLOCK)", "mssql")).first() is not None
    if is_there:
        connection.execute(make_update(table, key=key), name_values(row))
    else:
        connection.execute(insert(table), row)


def make_upsert(table: Table, dialect: str, *, key: str = "ref", kept: Collection[str] = ()) -> Insert:
    """Return the statement that writes a row, or replaces an older one but for the columns in `kept`."""
    added = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    names = (column.name for column in table.columns if column.name != key and column.name not in kept)
    fresh = {name: added.excluded[name] for name in names}
    # <=: the same version again, after a kill, must be able to write the same content
    is_newer = table.c[VERSION] <= added.excluded[VERSION] if VERSION in table.c else None
    return added.on_conflict_do_update(index_elements=[key], set_=fresh, where=is_newer)


def _try(connection: Connection, statement: Insert | Delete, rows: Sequence[Row] | Row) -> DBAPIError | int:
    """Write or delete all rows at once and return how many; the problem, with nothing done, when one is refused."""
    try:
        with connection.begin_nested():
            # kept for many rows too: the driver counts what it wrote, SQLAlchemy would forget it
            written = connection.execute(statement, rows, execution_options={"preserve_rowcount": True})
            return written.rowcount
    except DBAPIError as problem:
        if not is_of_the_record(problem):
            raise
        return problem
