"""Reading and writing a worksheet as a person would, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xlsxwriter
from python_calamine import CalamineWorkbook

if TYPE_CHECKING:
    from pathlib import Path


def read_sheet(path: Path) -> list[list[object]]:
    """Read the first worksheet."""
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def write_sheet(path: Path, rows: list[list[str]]) -> None:
    """Write one worksheet of texts."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(line, column, cell)
