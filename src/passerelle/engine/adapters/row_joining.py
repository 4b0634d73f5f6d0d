"""Rows of a supplier that hold records of several contracts: one row again, whole, or refused with what it lacks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle.stages.translate.rendering import fill_record, iter_unmapped, render_record
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from passerelle.extension.supplier import Connector
    from passerelle.extension.writing import RowPart
    from passerelle.stages.translate.table import Table

    Record = Mapping[str, Any]

_ANYTHING = r"[\s\S]+"
_NOTHING: Mapping[str, Any] = MappingProxyType({})

Key = tuple[str, str]
"""Contract and reference of a record."""


def make_incomplete(column: str) -> Answer:
    """Return the answer for a record whose row lacks what the importer wants."""
    return Answer(Fate.REFUSED, "deliver.row.incomplete", {"column": column})


def find_incomplete(rows: pl.DataFrame, needed: Mapping[str, str]) -> dict[int, Answer]:
    """Return the answers for rows in which the importer would not take a needed column, by index: the first of each."""
    refused: dict[int, Answer] = {}
    for column, pattern in reversed(list(needed.items())):
        if column not in rows.columns:
            return dict.fromkeys(range(rows.height), make_incomplete(column))
        taken = rows.get_column(column).str.strip_chars().str.contains(f"^(?:{pattern or _ANYTHING})$")
        refused |= dict.fromkeys((~taken.fill_null(value=False)).arg_true().to_list(), make_incomplete(column))
    return refused


@dataclass(slots=True)
class JoinedRow:
    """One row, and the records that stand in it."""

    cells: dict[str, str]
    keys: list[Key]


@dataclass(slots=True)
class JoinedRows:
    """The rows of a batch that can be imported, and what becomes of each record."""

    rows: list[JoinedRow] = field(default_factory=list)
    refused: dict[Key, Answer] = field(default_factory=dict)
    unmapped: dict[Key, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowJoiner:
    """Joins records as one connector's rows hold them."""

    supplier: str
    connector: Connector
    columns: tuple[str, ...]
    """All columns of a row, in their order."""
    fill: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def contract(self) -> str:
        """The contract of the records that rows are about."""
        if self.connector.row is None:
            message = "a connector without `row` joins nothing"
            raise ValueError(message)
        return self.connector.row.contract

    def join(self, records: Mapping[str, Sequence[Record]]) -> JoinedRows:
        """Join the records of a batch, by contract. A part whose main record is not there is refused."""
        joined = JoinedRows()
        parts = self.connector.row.parts if self.connector.row else ()
        mine = {str(record["ref"]) for record in records.get(self.contract, ())}
        beside: dict[tuple[RowPart, str], list[Record]] = {}
        for part in parts:
            for record in records.get(part.contract, ()):
                ref = str(record.get(part.by) or "")
                if ref in mine:
                    beside.setdefault((part, ref), []).append(record)
                else:
                    details = {"contract": self.contract}
                    joined.refused[part.contract, record["ref"]] = Answer(
                        Fate.REFUSED, "deliver.row.without_main", details
                    )
        for record in records.get(self.contract, ()):
            around = [(part, beside.get((part, str(record["ref"])), [])) for part in parts]
            self._join_one(record, around, joined)
        return joined

    def _join_one(self, record: Record, around: Sequence[tuple[RowPart, list[Record]]], joined: JoinedRows) -> None:
        """Make the rows of one main record; refuse it when none of them could be imported."""
        key = (self.contract, str(record["ref"]))
        rows = [JoinedRow(self._render(key, record, joined), [key])]
        for part, records in around:
            if not part.repeats:
                for other in records:
                    self._add_beside(rows[0], (part.contract, other["ref"]), other, joined)
        for part, records in around:
            if part.repeats and records:
                rows = [self._extend(row, part, other, joined) for row in rows for other in records]
        good = [row for row in rows if self._find_empty(row) is None]
        written = {one for row in good for one in row.keys}
        for row in rows:
            if (column := self._find_empty(row)) is not None:
                joined.refused |= {one: make_incomplete(column) for one in row.keys if one not in written}
        joined.rows += good

    def _extend(self, row: JoinedRow, part: RowPart, record: Record, joined: JoinedRows) -> JoinedRow:
        """Return a further row, with one more record beside what is in it."""
        key = (part.contract, str(record["ref"]))
        cells = self._render(key, record, joined)
        return JoinedRow({**cells, **{name: text for name, text in row.cells.items() if text}}, [*row.keys, key])

    def _add_beside(self, row: JoinedRow, key: Key, record: Record, joined: JoinedRows) -> None:
        """Put a record into the columns of its own; refuse it when another has them."""
        own = self._list_own_columns(key[0])
        cells = self._render(key, record, joined)
        if any(row.cells.get(name) not in ("", None, text) for name, text in cells.items() if text and name in own):
            joined.refused[key] = Answer(Fate.REFUSED, "deliver.row.taken", {"contract": self.contract})
            return
        row.cells |= {name: text for name, text in cells.items() if not row.cells.get(name)}
        row.keys.append(key)

    def _list_own_columns(self, contract: str) -> set[str]:
        """List the columns that only a part's tables read: those that it shares with the main record are the main's."""
        return _list_read(self._list_tables(contract)) - _list_read(self._list_tables(self.contract))

    def _list_tables(self, contract: str) -> list[Table]:
        return [table for table in self.connector.tables if table.contract == contract]

    def _render(self, key: Key, record: Record, joined: JoinedRows) -> dict[str, str]:
        """Render a record by the table of its contract that loses the least of it; note what has no place."""
        filled = fill_record(record, self.fill)
        lost = [(tuple(iter_unmapped(filled, one, supplier=self.supplier)), one) for one in self._list_tables(key[0])]
        names, table = min(lost, key=lambda pair: len(pair[0]))
        if names:
            joined.unmapped[key] = names
        return render_record(filled, table, supplier=self.supplier)

    def _find_empty(self, row: JoinedRow) -> str | None:
        """Return the first column that the importer wants and the row has nothing for."""
        needed = self.connector.needed.items()
        said = ((column, pattern, row.cells.get(column, "").strip()) for column, pattern in needed)
        return next((column for column, pattern, text in said if not re.fullmatch(pattern or _ANYTHING, text)), None)


def _list_read(tables: Iterable[Table]) -> set[str]:
    fields = (entry for table in tables for entry in table.fields.values())
    converters = (one for entry in fields for one in (entry if isinstance(entry, list | tuple) else (entry,)))
    return {column for converter in converters for column in converter.columns}
