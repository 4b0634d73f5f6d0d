"""Workbooks, row by row. Whoever calls says how one is opened: here no process is started and no file written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from passerelle.documents.workbook_rows import iter_rows
from passerelle.stages.decode.archive import list_notes
from passerelle.stages.decode.header import make_names
from passerelle.stages.decode.tables import DecodedRecord, add_warnings, iter_batches, set_progress
from passerelle.stages.decode.walk import MANY
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.decode.dialects import Xlsx
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.vocabulary.outcomes import RowWarning
    from passerelle.vocabulary.parcels import DecodedBatch
    from passerelle.vocabulary.ports import WorkbookOpener


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One worksheet: its column names, and where its rows stand in the reader's output."""

    member: str
    columns: tuple[str, ...]
    offset: int
    blanks: int
    """Empty columns to the left of what the reader returns."""
    rows: int


def read(
    stream: IO[bytes], dialect: Xlsx, block_rows: int, numbering: Numbering, open_workbook: WorkbookOpener
) -> Iterator[DecodedBatch]:
    """Read the named worksheets, or the first one, in the order of the workbook."""
    size = stream.seek(0, 2)
    with open_workbook(stream, list(dialect.sheets)) as output:
        sheets, warned = _survey(output, dialect)
        batches = chain.from_iterable(
            iter_batches(sheet.member, _iter_records(output, sheet), block_rows, numbering, columns=sheet.columns)
            for sheet in sheets
        )
        yield from set_progress(add_warnings(batches, warned), size, sum(sheet.rows for sheet in sheets))


def _survey(output: IO[bytes], dialect: Xlsx) -> tuple[list[_Sheet], tuple[RowWarning, ...]]:
    """Go once through the output: where each sheet stands, and what is missing or unexpected."""
    sheet_names: list[str] = json.loads(output.readline())
    members: Mapping[str, str] = dialect.sheets or dict.fromkeys(sheet_names[:1], "")
    sheets = []
    while line := output.readline():
        about = json.loads(line)
        sheets.append(_survey_sheet(output, members[about["sheet"]], about, dialect.header_row))
    if not sheets:
        raise ParcelError("decode.member.none")
    missing = [(name, member) for name, member in dialect.sheets.items() if name not in sheet_names]
    unexpected = [position for position, name in enumerate(sheet_names, start=1) if name not in members]
    return sheets, list_notes(missing, unexpected if dialect.sheets else [])


def _survey_sheet(output: IO[bytes], member: str, about: dict[str, Any], header_row: int) -> _Sheet:
    """Find the column names of a sheet and count its rows. Leaves `output` behind its last row."""
    header: list[str] = []
    offset, rows = output.tell(), 0
    for number, cells in iter_rows(output):
        if number <= header_row:
            header = _merge_into_header(cells, number, about, header, header_row)
            offset = output.tell()
        else:
            rows += 1
    while header and not header[-1]:
        header.pop()
    if not header:
        raise ParcelError("decode.header.unreadable" if rows else "decode.parcel.empty")
    return _Sheet(member, make_names(header), offset, about["left"], rows)


def _merge_into_header(
    cells: list[str], number: int, about: dict[str, Any], header: list[str], header_row: int
) -> list[str]:
    """Take up one row down to the header row: its cells, with what merged cells spread to their right and below."""
    row = [""] * about["left"] + cells
    made = header or [""] * len(row)
    if number == header_row:
        made = [cell or above for cell, above in zip(row, made, strict=True)]
    for (top, left), (bottom, right) in about["merged"]:
        # calamine counts rows from 0, and gives the text of merged cells to the first of them only.
        if top == number - 1 and top < header_row <= bottom + 1:
            made[left : right + 1] = [row[left]] * (right + 1 - left)
    return made


def _iter_records(output: IO[bytes], sheet: _Sheet) -> Iterator[DecodedRecord]:
    output.seek(sheet.offset)
    width = len(sheet.columns)
    for number, cells in iter_rows(output):
        row = [""] * sheet.blanks + cells
        # Empty cells behind the last filled one are an effect of formatting, not cells too many.
        filled = len(row) - next((place for place, cell in enumerate(reversed(row)) if cell), len(row))
        if filled > width:
            details = {"found": str(filled), "expected": str(width)}
            yield DecodedRecord(number, fault=MANY, raw=json.dumps(row[:filled], ensure_ascii=False), details=details)
        else:
            row += [""] * (width - len(row))
            yield DecodedRecord(number, dict(zip(sheet.columns, row, strict=False)))
