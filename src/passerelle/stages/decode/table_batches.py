"""Batches of `block_rows` records from the tables of a document's parts, all with the same columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stages.decode.flattening import choose_columns, spread_empty_objects
from passerelle.stages.decode.tables import make_batch
from passerelle.vocabulary.parcels import DecodedBatch, TextTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from passerelle.stages.decode.numbering import Numbering
    from passerelle.stages.decode.part_tables import PartTable
    from passerelle.stages.decode.tables import DecodedRecord


def iter_table_batches(
    member: str,
    sources: Iterable[Sequence[Callable[[], PartTable]]],
    columns: Mapping[str, bool],
    above: Mapping[str, str | None],
    block_rows: int,
    numbering: Numbering,
) -> Iterator[DecodedBatch]:
    """Return the batches of one member, at least one. `columns` are those of all records, as `choose_columns` has them.

    `above` is what every record also takes.
    """
    pile = _Pile(member, _Shape(*choose_columns(columns), above))
    before, yielded = 0, False
    for tables in sources:
        behind = before
        for take in tables:
            table = take()
            behind += table.count
            for piece in pile.cut(table, before, block_rows):
                yielded = True
                if (number := numbering.take()) is not None:
                    yield piece.make_batch(number)
        before = behind
    if (pile.count or not yielded) and (number := numbering.take()) is not None:
        yield pile.make_batch(number)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The columns of a member."""

    names: list[str]
    objects: set[str]
    """Names that are also the beginning of others."""
    above: Mapping[str, str | None]

    def align(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows with all columns. As `flattening.spread_empty_objects` does it for one record."""
        frame = frame.with_columns(pl.lit(text, dtype=pl.String()).alias(name) for name, text in self.above.items())
        there = self.objects.intersection(frame.columns)
        empty = {name for name, found in self._ask_empty(frame, there).items() if found}
        missing = [name for name in self.names if name not in frame.columns]
        return frame.with_columns(pl.lit(None, dtype=pl.String()).alias(name) for name in missing).select(
            self._make_expression(name, empty) for name in self.names
        )

    def _ask_empty(self, frame: pl.DataFrame, names: Iterable[str]) -> dict[str, bool]:
        asked = [(pl.col(name) == "").any().alias(name) for name in names]
        return frame.select(asked).row(0, named=True) if asked else {}

    def _make_expression(self, name: str, empty: set[str]) -> pl.Expr:
        cell = pl.col(name)
        if name in empty:
            cell = pl.when(pl.col(name) != "").then(cell)
        for dot, char in enumerate(name):
            if char == "." and name[:dot] in empty:
                cell = pl.when(pl.col(name[:dot]) == "").then(cell.fill_null("")).otherwise(cell)
        return cell.alias(name)

    def complete(self, record: DecodedRecord, before: int) -> DecodedRecord:
        """Return a record that is judged alone, as the exact reader has it."""
        cells = {} if record.fault else {**self.above, **record.cells}
        return spread_empty_objects(replace(record, line=record.line + before, cells=cells), self.objects, self.names)


@dataclass(slots=True)
class _Pile:
    """Records that make a batch."""

    member: str
    shape: _Shape
    frames: list[pl.DataFrame] = field(default_factory=list)
    lines: list[NDArray[np.uint32]] = field(default_factory=list)
    odd: list[DecodedRecord] = field(default_factory=list)
    count: int = 0

    def cut(self, table: PartTable, before: int, block_rows: int) -> Iterator[_Pile]:
        """Add a table; yield this pile as often as it holds a batch. `before`: records that come before the list."""
        frame = self.shape.align(table.frame) if table.lines.size else table.frame
        taken = row = odd = 0
        while taken < table.count:
            taken += (more := min(block_rows - self.count, table.count - taken))
            until = table.first + taken
            until_row = int(np.searchsorted(table.lines, until))
            if until_row > row:
                self.frames.append(frame.slice(row, until_row - row))
                self.lines.append(table.lines[row:until_row] + np.uint32(before))
            row = until_row
            while odd < len(table.odd) and table.odd[odd].line < until:
                self.odd.append(self.shape.complete(table.odd[odd], before))
                odd += 1
            self.count += more
            if self.count == block_rows:
                yield self
                self.frames, self.lines, self.odd, self.count = [], [], [], 0

    def make_batch(self, number: int) -> DecodedBatch:
        """Make a batch of what was piled up. Records that are judged alone stand at their places if they are good."""
        names = self.shape.names
        batch = make_batch(number, self.member, self.odd, names)
        if not self.frames:
            return batch
        frame, lines = pl.concat(self.frames), np.concatenate(self.lines)
        if batch.table.frame.height:
            lines = np.concatenate([lines, batch.table.lines.to_numpy()])
            order = np.argsort(lines)
            frame, lines = pl.concat([frame, batch.table.frame])[order], lines[order]
        table = TextTable(self.member, frame.rechunk(), pl.Series("line", lines, dtype=pl.UInt32()))
        return replace(batch, table=table)
