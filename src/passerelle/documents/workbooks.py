"""Shared by all workbooks that are written: their properties, and the height of rows of wrapped text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.workbook import Workbook

CREATED = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""When every workbook says it was made, so that the same content gives the same bytes."""
_LINE = 13.5
"""Points of a line of text at ten points."""
_FULL = 0.98
"""Share of a column's width that words fill on average before they wrap."""
_HIGHEST = 400.0
"""Spreadsheets have no higher rows."""


def begin_workbook(stream: IO[bytes], title: str, author: str = "") -> Workbook:
    """Return a new workbook in which no text is a formula or a link. To be closed, then repacked."""
    # Texts of suppliers begin with `=` or `http:`: they must stay texts.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(stream, options)
    workbook.set_properties({"title": title, "author": author, "created": CREATED})
    return workbook


def compute_height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Return the height in points of a row of wrapped texts, in columns as wide as so many characters.

    Not every spreadsheet finds it by itself.
    """
    lines = (
        sum(max(1, -(-len(part) // max(1, int(width * _FULL)))) for part in text.split("\n"))
        for text, width in zip(texts, widths, strict=True)
    )
    return min(max(lines, default=1) * _LINE + 2, _HIGHEST)
