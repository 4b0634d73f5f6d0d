"""Where the rows of several parcels begin in one joined table: what a stage says is traced back to its parcel.

While rows are joined, lines are counted on from parcel to parcel, so that none comes twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.engine.records.record_origins import RecordOrigins
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passerelle.engine.records.ledger import Ledger
    from passerelle.vocabulary.outcomes import SetAside
    from passerelle.vocabulary.parcels import DecodedBatch, Parcel

    Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ParcelSeams:
    """Where the parcels begin in the joined table."""

    batches: tuple[DecodedBatch, ...]
    rows: Indexes
    """The first row of each parcel, and behind the last the number of all rows."""
    lines: Indexes
    """What is added to the lines of each parcel."""

    @classmethod
    def of(cls, batches: Sequence[DecodedBatch]) -> ParcelSeams:
        """Return the seams between batches, in their order."""
        heights = [batch.table.frame.height for batch in batches]
        # Lines ascend, but for records whose order a supplier's document decides.
        longest = [int(batch.table.lines.to_numpy().max(initial=0)) + 1 for batch in batches]
        return cls(tuple(batches), np.cumsum([0, *heights]), np.cumsum([0, *longest[:-1]]))

    def join_tables(self) -> TextTable:
        """Return all rows as one table, their lines counted on from parcel to parcel."""
        tables = [batch.table for batch in self.batches]
        # Diagonal: JSON has the columns of its own records, and a column that is not there is the same as nulls.
        frame = pl.concat([table.frame for table in tables], how="diagonal", rechunk=True)
        lines = np.concatenate([table.lines.to_numpy() for table in tables]).astype(np.int64)
        lines += np.repeat(self.lines, np.diff(self.rows))
        return TextTable(
            tables[0].member,
            frame,
            pl.Series("line", lines, dtype=pl.UInt32),
            zero_width=any(table.zero_width for table in tables),
            marked=any(table.marked for table in tables),
        )

    def make_origins(self, table: TextTable, parcels: Sequence[Parcel]) -> RecordOrigins:
        """Return the parcel and the own line of each row."""
        lines = pl.concat([batch.table.lines for batch in self.batches], rechunk=True)
        return RecordOrigins(table, tuple(parcels), lines, np.repeat(np.arange(len(self.batches)), np.diff(self.rows)))

    def restore_items(self, shared: Ledger, ledgers: Sequence[Ledger]) -> None:
        """Enter what was set aside or warned of into the ledger of its parcel, with its own row and line."""
        for item in shared.aside:
            nth, own = self._restore(item)
            ledgers[nth].set_aside([own])
        for warning in shared.warned:
            nth = _find(self.lines, warning.place.line)
            line = warning.place.line - int(self.lines[nth])
            ledgers[nth].warn([replace(warning, place=warning.place._replace(line=line))])

    def find_parcels(self, rows: pl.Series) -> Indexes:
        """Return the index of the parcel of each of these rows."""
        found: Indexes = np.searchsorted(self.rows, rows.to_numpy(), side="right") - 1
        return found

    def count(self, rows: pl.Series) -> Indexes:
        """Count rows by parcel."""
        return np.bincount(self.find_parcels(rows), minlength=len(self.batches))

    def _restore(self, item: SetAside) -> tuple[int, SetAside]:
        row = item.row or 0
        nth = _find(self.rows, row)
        own = row - int(self.rows[nth])
        line = self.batches[nth].table.lines[own]
        return nth, replace(item, row=own, place=item.place._replace(line=line))


def _find(seams: Indexes, place: int) -> int:
    return int(np.searchsorted(seams, place, side="right")) - 1
