"""Workbooks, row by row. Whoever calls says how one is opened: here no process is started and no file written."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

import polars as pl

from passerelle.documents.workbook_rows import iter_rows
from passerelle.stages.decode.damage import find_damage
from passerelle.stages.decode.sheet_choice import find_table
from passerelle.stages.decode.sheet_survey import survey
from passerelle.stages.decode.tables import DecodedRecord, add_warnings, make_batch, set_progress
from passerelle.stages.decode.walk import MANY
from passerelle.vocabulary.parcels import DecodedBatch, TextTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.stages.decode.dialects import Xlsx
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.stages.decode.sheet_survey import SurveyedSheet
    from passerelle.vocabulary.outcomes import RowWarning
    from passerelle.vocabulary.ports import WorkbookOpener


def read(
    stream: IO[bytes], dialect: Xlsx, block_rows: int, numbering: Numbering, open_workbook: WorkbookOpener
) -> Iterator[DecodedBatch]:
    """Read the named worksheets, or the first that people see, in the order of the workbook.

    Where no sheet is named and the first does not give the names that are needed, the one other that does is read.
    """
    size = stream.seek(0, 2)
    with ExitStack() as opened:
        output = opened.enter_context(open_workbook(stream, list(dialect.sheets)))
        moved: tuple[RowWarning, ...] = ()
        if table := find_table(output, dialect):
            moved, dialect = table.warn(dialect), table.adapt(dialect)
            # once more, as the rows of what was not asked for are not there: seldom, and only for such a workbook
            output = opened.enter_context(open_workbook(stream, [table.sheet]))
        found = survey(output, dialect)
        batches = chain.from_iterable(
            _iter_batches(sheet, _iter_rows(output, sheet, dialect), block_rows, numbering) for sheet in found.sheets
        )
        warned = (*moved, *found.warned)
        yield from set_progress(add_warnings(batches, warned), size, sum(sheet.rows for sheet in found.sheets))


def _iter_rows(output: IO[bytes], sheet: SurveyedSheet, dialect: Xlsx) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of the rows below the header, at least as wide as it."""
    output.seek(sheet.offset)
    width, before = len(sheet.columns), [""] * sheet.blanks
    for number, cells in iter_rows(output):
        row = before + cells if before else cells
        row += [""] * (width - len(row))
        if dialect.merged == "repeat":
            sheet.merged.repeat(number, row)
        yield number, row


def _iter_batches(
    sheet: SurveyedSheet, rows: Iterator[tuple[int, list[str]]], block_rows: int, numbering: Numbering
) -> Iterator[DecodedBatch]:
    """Yield batches of `block_rows` rows, at least one."""
    others, first = sheet.others, True
    pile = list(islice(rows, block_rows))
    while pile or first:
        number = numbering.take()
        if number is not None:
            yield replace(_make_batch(number, sheet, pile), other_headers=others)
        others, first = (), False
        pile = list(islice(rows, block_rows))


def _make_batch(number: int, sheet: SurveyedSheet, pile: list[tuple[int, list[str]]]) -> DecodedBatch:
    """Make one batch: column by column, unless something in it must be told row by row."""
    width = len(sheet.columns)
    header = [*sheet.header]
    is_plain = all(len(row) == width and row != header for _line, row in pile)
    if is_plain and sheet.twice.isdisjoint(line for line, _row in pile):
        columns = zip(*(row for _line, row in pile), strict=True) if pile else [()] * width
        texts = [pl.Series(name, cells, dtype=pl.String()) for name, cells in zip(sheet.columns, columns, strict=True)]
        # One search over all cells of the batch: damage is rare, and a call a cell would be slower.
        if not any(find_damage("\n".join(cells)) for cells in (sheet.columns, *(row for _line, row in pile))):
            lines = pl.Series("line", [line for line, _row in pile], dtype=pl.UInt32)
            return DecodedBatch(number, TextTable(sheet.member, pl.DataFrame(texts), lines))
    return make_batch(number, sheet.member, [_make_record(sheet, line, row) for line, row in pile], sheet.columns)


def _make_record(sheet: SurveyedSheet, line: int, row: list[str]) -> DecodedRecord:
    width = len(sheet.columns)
    # Empty cells behind the last filled one are an effect of formatting, not cells too many.
    filled = len(row) - next((place for place, cell in enumerate(reversed(row)) if cell), len(row))
    fault, details = "", {}
    if line in sheet.twice:
        fault = "decode.row.twice"
    elif filled > width:
        fault, details = MANY, {"found": str(filled), "expected": str(width)}
    elif row[:width] == [*sheet.header]:
        fault = "decode.row.header_again"
    if fault:
        return DecodedRecord(line, fault=fault, raw=json.dumps(row[:filled], ensure_ascii=False), details=details)
    return DecodedRecord(line, dict(zip(sheet.columns, row, strict=False)))
