"""Where in a workbook the table stands, when it is not where the connector looks: behind a notice, or below one.

As with delimited text, nothing is guessed: another place is taken only where the declared one does not give the names
that are needed, and one sheet alone gives all of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from passerelle.stages.decode.header import fold_name, tidy_name
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.stages.decode.dialects import Xlsx

_HEAD = 10
"""Filled rows of a sheet in which the names are looked for; the reader shows as many of those that are not read."""


@dataclass(frozen=True, slots=True)
class TablePlace:
    """The sheet and the row in which the column names were found."""

    sheet: str
    row: int

    def adapt(self, dialect: Xlsx) -> Xlsx:
        """Return the dialect that reads the table there, as the member without a name."""
        return replace(dialect, sheets={self.sheet: ""}, header_row=self.row)

    def warn(self, dialect: Xlsx) -> tuple[RowWarning, ...]:
        """Return what is to be said of rows above the names; a sheet that is not read is told as all of them are."""
        lines = self.row - dialect.header_row
        return (RowWarning("decode.header.late", Place(1), {"lines": str(lines)}),) if lines > 0 else ()


def find_table(output: IO[bytes], dialect: Xlsx) -> TablePlace | None:
    """Find where the table stands, if not in the declared place; None to read the workbook as declared.

    `output` is what the reader wrote of the first sheet that people see; of hidden ones it wrote no names, so that none
    of them is ever taken. Leaves `output` at its beginning.
    """
    needed = frozenset(map(fold_name, dialect.needed))
    # who names sheets has said where to look
    is_said = dialect.sheets or dialect.header_rows > 1
    found = None if is_said or not needed else _find_elsewhere(output, dialect, needed)
    output.seek(0)
    return found


def _find_elsewhere(output: IO[bytes], dialect: Xlsx, needed: frozenset[str]) -> TablePlace | None:
    output.readline()
    places: list[TablePlace] = []
    if line := output.readline():
        about = json.loads(line)
        if "sheet" not in about:
            return None
        rows = _read_head(output)
        if any(row == dialect.header_row and needed <= _fold(cells) for row, cells in rows) or _is_spread(
            about, dialect
        ):
            return None
        places += _find_names(about["sheet"], rows, dialect, needed)
    while line := output.readline():
        # rows of the sheet that is read stand before those of others: told by their first byte, and not parsed
        if line.startswith(b"{"):
            entry = json.loads(line)
            places += _find_names(entry["unread"], entry["head"], dialect, needed)
    return places[0] if len(places) == 1 else None


def _read_head(output: IO[bytes]) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    place = output.tell()
    while len(rows) < _HEAD and (line := output.readline()).startswith(b"["):
        number, cells = json.loads(line)
        rows.append((number, cells))
        place = output.tell()
    output.seek(place)
    return rows


def _is_spread(about: dict[str, Any], dialect: Xlsx) -> bool:
    """Whether merged cells reach into the declared row: what they spread is not looked at here."""
    return any(top < dialect.header_row <= bottom + 1 and bottom > top for (top, _), (bottom, _) in about["merged"])


def _find_names(
    sheet: str, rows: Iterable[tuple[int, list[str]]], dialect: Xlsx, needed: frozenset[str]
) -> list[TablePlace]:
    """Return the first row of a sheet that gives all names, at most one place a sheet."""
    fitting = (row for row, cells in rows if row >= dialect.header_row and needed <= _fold(cells))
    first = next(fitting, None)
    return [] if first is None else [TablePlace(sheet, first)]


def _fold(cells: Iterable[str]) -> frozenset[str]:
    return frozenset(fold_name(tidy_name(cell)) for cell in cells if cell)
