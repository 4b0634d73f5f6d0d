"""Merged cells below the header of a worksheet: the file holds their value once, in the first of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last row and column, from 0."""


@dataclass(slots=True)
class MergedCells:
    """The merged cells of a sheet, below its header."""

    starts: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    """Row (from 1) in which they begin → first and last column (from 0), last row."""
    _filled: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Column → row of the first, and number, of those that hold a value."""
    _open: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Column → last row and value of the one that reaches into the current row."""

    @classmethod
    def of(cls, ranges: Iterable[Range], header_row: int, width: int) -> MergedCells:
        """Take those that begin below the header, in one of its columns."""
        merged = cls()
        for (top, left), (bottom, right) in ranges:
            if top >= header_row and left < width:
                merged.starts.setdefault(top + 1, []).append((left, min(right, width - 1), bottom + 1))
        return merged

    def count(self, number: int, cells: Sequence[str]) -> None:
        """Count those that begin in a row and hold a value: an empty one hides nothing."""
        for left, _right, _bottom in self.starts.get(number, ()):
            if left < len(cells) and cells[left]:
                first, found = self._filled.get(left, (number, 0))
                self._filled[left] = first, found + 1

    def list_doubts(self, member: str, columns: Sequence[str]) -> list[RowWarning]:
        """Return one warning for each column that has some with a value."""
        return [
            RowWarning("decode.cell.merged", Place(row, member=member, column=columns[column]), {"count": str(count)})
            for column, (row, count) in sorted(self._filled.items())
        ]

    def repeat(self, number: int, cells: list[str]) -> None:
        """Write the values of merged cells into the row; called for the rows in their order."""
        self._open = {column: entry for column, entry in self._open.items() if entry[0] >= number}
        taken: set[int] = set()
        for left, right, bottom in self.starts.get(number, ()):
            # Ranges of an honest file never overlap: what overlaps is passed over, so that a row costs its width.
            if left not in taken and left < len(cells) and cells[left]:
                columns = [column for column in range(left, right + 1) if column not in taken]
                taken.update(columns)
                self._open.update(dict.fromkeys(columns, (bottom, cells[left])))
        for column, (_bottom, text) in self._open.items():
            if column < len(cells) and not cells[column]:
                cells[column] = text
