"""Cells that hold no value because of the spreadsheet: they set the record aside, they never empty a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.cells import match_conditions, strip_column
from passerelle.stages.translate.converter import Fault
from passerelle.vocabulary.cell_marks import ERRORS, NOT_COMPUTED, TOO_LONG
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from passerelle.stages.translate.conditions import Where
    from passerelle.vocabulary.parcels import TextTable

_WORDS = (*ERRORS, NOT_COMPUTED)


def _is_marked(column: str) -> pl.Expr:
    text = strip_column(column)
    return (text.is_in(_WORDS) | text.str.starts_with(TOO_LONG)).fill_null(False).alias(column)


def find_marked_columns(frame: pl.DataFrame, columns: Iterable[str]) -> list[str]:
    """Return those of the columns in which some cell holds such a word."""
    # All words begin with a sign that hardly any cell begins with: one look at most columns is enough.
    names = [name for name in columns if name in frame.columns]
    opened = frame.select(pl.col(name).str.contains(r"^\s*#").any() for name in names)
    suspect = [name for name in names if opened[name].item()]
    marked = frame.select(_is_marked(name).any() for name in suspect)
    return [name for name in suspect if marked[name].item()]


def find_faults(cells: pl.DataFrame, columns: Iterable[str]) -> dict[int, Fault]:
    """Return, by row, the first of the columns that holds such a word, as a fault."""
    faults: dict[int, Fault] = {}
    for name in find_marked_columns(cells, columns):
        texts = cells[name]
        for row in cells.select(_is_marked(name)).to_series().arg_true().to_list():
            faults.setdefault(row, make_fault(texts[row].strip(), name))
    return faults


def find_undecided(frame: pl.DataFrame, where: Sequence[Where]) -> dict[int, Fault]:
    """Return, by row, the fault of a cell on which it depends whether the row meets the conditions."""
    columns = [column for entry in where for column in entry.columns]
    marked = set(find_marked_columns(frame, columns))
    if not marked:
        return {}
    possible, sure = [], []
    for entry in where:
        meets = match_conditions([entry])
        is_open = pl.any_horizontal([pl.lit(False), *(_is_marked(name) for name in entry.columns if name in marked)])
        possible.append(meets | is_open)
        sure.append(meets & ~is_open)
    is_undecided = pl.all_horizontal(possible) & ~pl.all_horizontal(sure)
    rows = set(frame.select(is_undecided.alias("undecided")).to_series().arg_true().to_list())
    return {row: fault for row, fault in find_faults(frame, columns).items() if row in rows}


def make_fault(text: str, column: str) -> Fault:
    """Return what is wrong with a cell that holds such a word."""
    if text in ERRORS:
        return Fault("decode.cell.error", column, {"error": text})
    return Fault("decode.cell.not_computed" if text == NOT_COMPUTED else "decode.cell.too_long", column)


def clear_marked(cells: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Return the cells without these words: each has its fault already."""
    return cells.with_columns(
        pl.when(_is_marked(name).not_()).then(pl.col(name)).alias(name) for name in find_marked_columns(cells, columns)
    )


def list_unread(table: TextTable, read: Collection[str], *, each_place: bool = False) -> list[RowWarning]:
    """Return a warning for each kind of these words in each column that nobody reads: no record is the poorer.

    With `each_place`, one for each cell.
    """
    warned = []
    for name in find_marked_columns(table.frame, [name for name in table.frame.columns if name not in read]):
        rows = table.frame.select(_is_marked(name)).to_series().arg_true().to_list()
        by_reason: dict[str, list[tuple[int, Fault]]] = {}
        for row in rows:
            fault = make_fault(table.frame[name][row].strip(), name)
            by_reason.setdefault(fault.reason, []).append((int(table.lines[row]), fault))
        for reason, found in by_reason.items():
            for line, fault in found if each_place else found[:1]:
                place = Place(line, member=table.member, column=name)
                count = 1 if each_place else len(found)
                warned.append(RowWarning(reason, place, {**fault.details, "count": str(count)}))
    return warned
