"""Text without separators: lines are cut into columns by the places of their characters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.stages.decode.dialects import FixedWidth
    from passerelle.vocabulary.parcels import TextTable

LINE = "line"
"""The one column of lines that are not cut yet."""


def cut_lines(table: TextTable, dialect: FixedWidth) -> tuple[TextTable, tuple[SetAside, ...]]:
    """Return a table of lines, cut; and the lines that break off before the last column begins."""
    lines = table.frame.get_column(table.frame.columns[0])
    aside: tuple[SetAside, ...] = ()
    if not dialect.stripped:
        needed = max(first for first, _last in dialect.columns.values())
        lengths = lines.str.len_chars()
        is_short = lengths < needed
        if is_short.any():
            aside = tuple(_iter_short(table, lines, lengths, is_short, needed))
            table = replace(table, lines=table.lines.filter(~is_short))
            lines = lines.filter(~is_short)
    columns = {name: _cut(pl.col(LINE), *places) for name, places in dialect.columns.items()}
    text = pl.DataFrame([lines.alias(LINE)])
    gaps = text.select(**{name: _cut(pl.col(LINE), *places) for name, places in _find_gaps(dialect.columns).items()})
    # What no column names is not lost: it is carried like any column that nobody knows.
    filled = [column for column in gaps if (column != "").any()]
    return replace(table, frame=text.select(**columns).hstack(filled)), aside


def _cut(text: pl.Expr, first: int, last: int) -> pl.Expr:
    cell = text.str.slice(first - 1, last - first + 1 if last else None)
    return cell.str.strip_chars(" ")


def _find_gaps(columns: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, int]]:
    """Return the stretches that are in no column, by name; 0 for the end of the line."""
    gaps: dict[str, tuple[int, int]] = {}
    behind = 1
    for first, last in sorted((places[0], places[1]) for places in columns.values()):
        if first > behind:
            gaps[f"#{behind}-{first - 1}"] = behind, first - 1
        behind = max(behind, last + 1)
    return {**gaps, f"#{behind}-": (behind, 0)}


def _iter_short(
    table: TextTable, lines: pl.Series, lengths: pl.Series, is_short: pl.Series, needed: int
) -> Iterator[SetAside]:
    for row in is_short.arg_true().to_list():
        place = Place(int(table.lines[row]), member=table.member)
        details = {"found": str(lengths[row]), "expected": str(needed)}
        yield SetAside(Fate.UNREADABLE, "decode.row.too_short", place, raw=lines[row], details=details)


def write_lines(columns: Mapping[str, tuple[int, int]], rows: Sequence[Mapping[str, str]]) -> str:
    """Write rows as lines, each cell at its place; what does not fit in its column is cut off (samples only)."""
    width = max(last for _first, last in columns.values())
    texts = []
    for row in rows:
        line = [" "] * width
        for name, (first, last) in columns.items():
            cell = row.get(name, "")[: last - first + 1]
            line[first - 1 : first - 1 + len(cell)] = cell
        texts.append("".join(line))
    return "".join(f"{text}\r\n" for text in texts)
