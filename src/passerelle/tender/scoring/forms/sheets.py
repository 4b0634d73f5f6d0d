"""Worksheets of reports: one look, heads that repeat on every page, no text that becomes a formula."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import xlsxwriter

from passerelle.documents import charts
from passerelle.documents.workbooks import compute_height
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.scorecard import BidVerdict

if TYPE_CHECKING:
    import io
    from collections.abc import Sequence

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from passerelle.documents.charts import GroupedBars

_BLUE, _LINE = "#1F4E79", "#8A94A0"
_LONGEST_NAME = 31
_PAPER_A4 = 9

SheetCell = str | int | float
"""A text, or a number; of a verdict, its word."""


class ReportWorkbook:
    """A workbook under way. The same cells and date always give the same bytes."""

    def __init__(self, stream: io.BytesIO, title: str, date: str, footer: str) -> None:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book: Workbook = xlsxwriter.Workbook(stream, options)
        # XlsxWriter wants a moment without zone, and would take the clock of now.
        created = datetime.fromisoformat(date).replace(tzinfo=UTC).replace(tzinfo=None)
        self._book.set_properties({"title": title, "created": created})
        self._footer = footer
        cell = {"font_name": "Calibri", "font_size": 10, "text_wrap": True, "valign": "top", "border": 1}
        cell["border_color"] = _LINE
        self._head = self._book.add_format({**cell, "bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE})
        self._cell = self._book.add_format(cell)
        self._name = self._book.add_format({**cell, "bold": True})
        self._number = self._book.add_format({**cell, "num_format": "#,##0.##"})
        self._verdicts = {
            one: self._book.add_format(
                {**cell, "bold": True, "font_color": score_labels.COLOURS[one], "bg_color": score_labels.TINTS[one]}
            )
            for one in BidVerdict
        }

    def add_sheet(
        self, name: str, heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[SheetCell]]
    ) -> None:
        """Add a worksheet that prints on A4 in landscape, all columns on one page. The first column names the row."""
        sheet: Worksheet = self._book.add_worksheet(name[:_LONGEST_NAME])
        for place, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, head, self._head)
        sheet.set_row(0, compute_height(heads, widths))
        for number, row in enumerate(rows, start=1):
            sheet.set_row(number, compute_height([cell if isinstance(cell, str) else "" for cell in row], widths))
            for place, cell in enumerate(row):
                if isinstance(cell, BidVerdict):
                    sheet.write_string(number, place, score_labels.write_verdict(cell), self._verdicts[cell])
                elif isinstance(cell, str):
                    sheet.write_string(number, place, cell, self._cell if place else self._name)
                else:
                    sheet.write_number(number, place, cell, self._number)
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(rows), len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(_PAPER_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L&8{self._footer[:16]}&R&8&P / &N")

    def add_chart(self, name: str, chart: GroupedBars) -> None:
        """Add a worksheet with a chart and its figures."""
        charts.add_chart(self._book, name[:_LONGEST_NAME], chart)

    def close(self) -> None:
        """Finish the workbook."""
        self._book.close()
