"""A SQL query as a source: what it returns is one arrival a look, streamed as CSV under the names of its columns.

CSV because any table can be read out of it, whatever its connector usually reads: the header holds the names, NULL and
the empty text stay apart, and rows are cut into batches without being parsed.
"""

from __future__ import annotations

import io
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from passerelle.edges.databases.reading import begin_reading
from passerelle.edges.databases.sqlstates import find_sqlstate, name_problem
from passerelle.edges.sources import query_position
from passerelle.edges.sources.overlapping import Overlap
from passerelle.edges.sources.query_cells import write_rows
from passerelle.edges.sources.select_statement import select_from
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import CursorResult, Engine

    from passerelle.vocabulary.ports import Clock

NAME = "query.csv"
MOST_BYTES = 4 << 30
_ROWS = 500
"""Rows that become text at once: the memory of a look, however much the query returns."""
_CANCELLED = "57014"
"""query_canceled: what PostgreSQL says of a statement that took too long."""


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What a query may cost."""

    seconds: float = 300.0
    rows: int = 5_000_000
    bytes: int = MOST_BYTES


@dataclass(frozen=True, slots=True)
class QuerySource:
    """Runs one SELECT statement a look, in a transaction that only reads, and yields what it returns.

    With a `column`, a look goes on from the greatest value that the one before had, that value included: several rows
    may share it, and some of them may have come later. What comes again is unchanged.
    """

    engine: Engine = field(repr=False)
    statement: str = field(repr=False)
    clock: Clock = field(repr=False)
    column: str = ""
    overlap: Overlap = field(default_factory=Overlap)
    limits: QueryLimits = field(default_factory=QueryLimits)
    zone: str = "Europe/Paris"

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Yield what the query returns. Raises as `try_out`, while it is read."""
        look = _Look(self, cursor)
        mark = Mark(f"query/{cursor}", kind=MarkKind.STAYED)
        try:
            # Nothing to acknowledge: the journal keeps the cursor, which is known once everything was read.
            yield Arrival(NAME, look.open, lambda: None, find_cursor=look.find_position, marks=ArrivalMarks((mark,)))
        finally:
            self.engine.dispose()

    def try_out(self) -> None:
        """Run the query as a look would, and read its first rows.

        Raises TransientError when the database cannot be reached or takes too long, FlowError when it refuses.
        """
        try:
            for _block in zip(range(2), _Look(self, "").iter_blocks(), strict=False):
                pass
        finally:
            self.engine.dispose()


@dataclass(slots=True)
class _Look:
    """One run of the query."""

    source: QuerySource
    kept: str
    """The position that the journal holds."""
    reached: str = ""

    def open(self) -> IO[bytes]:
        """Run the query and return its bytes, which are read while they come."""
        return io.BufferedReader(_BlockStream(self.iter_blocks()), 1 << 16)

    def find_position(self) -> str:
        """Return the position to keep, once everything was read; empty without a cursor column."""
        source = self.source
        if not source.column:
            return ""
        return query_position.advance(self.kept, self.reached, source.overlap, source.clock.now())

    def iter_blocks(self) -> Iterator[bytes]:
        """Yield the header, then some hundred rows at a time. Raises FlowError or TransientError, without any value."""
        source, seconds = self.source, self.source.limits.seconds
        ends = monotonic() + seconds
        with (
            _translate_faults(seconds),
            begin_reading(source.engine, seconds=seconds, zone=source.zone) as connection,
            # a look that breaks off must not leave its cursor open at the server
            closing(connection.exec_driver_sql(*self._make_statement())) as result,
        ):
            columns = [str(name) for name in result.keys()]  # noqa: SIM118  a result is no mapping
            place = self._find_column(columns)
            yield write_rows(columns, [columns])
            yield from self._iter_rows(result, columns, place, ends)

    def _iter_rows(self, result: CursorResult[Any], columns: list[str], place: int, ends: float) -> Iterator[bytes]:
        limits, count, size = self.source.limits, 0, 0
        while rows := result.fetchmany(_ROWS):
            if monotonic() > ends:
                raise TransientError("incident.query.slow", seconds=format_count(round(limits.seconds)))
            block = write_rows(columns, rows)
            count, size = count + len(rows), size + len(block)
            if count > limits.rows or size > limits.bytes:
                raise FlowError("incident.query.oversized", rows=format_count(limits.rows))
            if place >= 0:
                self._note_reached(rows, place)
            yield block

    def _note_reached(self, rows: Sequence[Any], place: int) -> None:
        """Note the last value of the cursor column: rows come in its order, those without one first or last."""
        value = next((row[place] for row in reversed(rows) if row[place] is not None), None)
        if value is not None:
            self.reached = query_position.write_position(value)

    def _make_statement(self) -> tuple[str, tuple[Any, ...] | None]:
        source, dialect = self.source, self.source.engine.dialect
        mark = {"qmark": "?", "named": ":1"}.get(dialect.paramstyle, "%s")
        # Only a statement with values is read by drivers for their own signs; PyMySQL reads each.
        is_read = mark == "%s" and (bool(self.kept) or dialect.name == "mysql")
        statement = source.statement.replace("%", "%%") if is_read else source.statement
        if not source.column:
            return statement, None
        names = dialect.identifier_preparer
        # Oracle's own names are shown in small letters and not in quotes, which would make others of them.
        is_plain = dialect.requires_name_normalize
        column = names.quote(source.column) if is_plain else names.quote_identifier(source.column)
        wrapped = select_from(statement, column, mark, goes_on=bool(self.kept))
        if not self.kept:
            return wrapped, None
        begin = query_position.step_back(self.kept, source.overlap)
        return wrapped, (query_position.read_position(begin),)

    def _find_column(self, columns: Sequence[str]) -> int:
        if not self.source.column:
            return -1
        if self.source.column not in columns:  # SQLite would take the name for a text, and order by that
            raise FlowError("incident.query.no_cursor", column=self.source.column)
        return columns.index(self.source.column)


@contextmanager
def _translate_faults(seconds: float) -> Iterator[None]:
    """Raise errors of ours in place of the database's, whose texts hold statements and values."""
    try:
        yield
    except DBAPIError as problem:
        if find_sqlstate(problem) == _CANCELLED:
            raise TransientError("incident.query.slow", seconds=format_count(round(seconds))) from None
        raise name_problem(problem, "source") from None
    except (SQLAlchemyError, ValueError, ArithmeticError):
        raise FlowError("incident.query.refused", sqlstate="-") from None


class _BlockStream(io.RawIOBase):
    """Blocks as a stream; closing it ends the query."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = memoryview(block)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def close(self) -> None:
        if close := getattr(self._blocks, "close", None):
            close()
        super().close()
