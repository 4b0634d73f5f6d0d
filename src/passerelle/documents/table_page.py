"""Tables of a web page that was saved under the name of a workbook (`.xls`): many programs export no other kind.

Imports nothing of passerelle: the child process that reads workbooks loads this file by its path, under its limits.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_OPENINGS = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|table|style)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"charset=[\"']?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_MOST_SPAN = 1000
"""Columns or rows that one cell may cover: what says more was not written by a spreadsheet."""
_SKIPPED = frozenset({"script", "style", "title", "xml"})

Table = list[tuple[int, list[str]]]
"""Rows that hold something: number, from 1, and cells."""


def is_web_page(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a web page."""
    return _OPENINGS.match(_decode(head).encode()) is not None


def read_tables(content: bytes) -> list[Table]:
    """Return the tables of a page, as they stand; a table within a cell is part of the cell's text."""
    reader = _TableReader()
    reader.feed(_decode(content))
    reader.close()
    return [table for table in reader.tables if table]


def _decode(content: bytes) -> str:
    """Return the page as text: by its mark, its declaration, else UTF-8, else as old Windows programs write."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    declared = _CHARSET.search(content[:4096])
    for encoding in (declared[1].decode() if declared else "utf-8", "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("cp1252", "replace")


class _TableReader(HTMLParser):
    """Gathers the cells of tables. Nothing is loaded, run or resolved: the page is text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self._depth = 0
        self._skipped = 0
        self._row: list[str] = []
        self._number = 0
        self._is_open = False
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._below: dict[int, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell."""
        if tag in _SKIPPED:
            self._skipped += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self._number, self._below, self._row, self._is_open = 0, {}, [], False
        elif self._depth == 1 and tag == "tr":
            self._end_row()
            self._number += 1
            self._is_open = True
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            if not self._is_open:  # old programs leave the first row unopened
                self._number, self._is_open = self._number + 1, True
            spans = dict(attrs)
            self._cell, self._span = [], (_read_span(spans.get("colspan")), _read_span(spans.get("rowspan")))
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if tag in _SKIPPED:
            self._skipped = max(self._skipped - 1, 0)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_row()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._depth == 1 and tag == "tr":
            self._end_row()

    def handle_data(self, data: str) -> None:
        """Take text that stands in a cell; white space of the page's layout is one space."""
        if self._cell is not None and not self._skipped:
            self._cell.append(re.sub(r"[ \t\r\n]+", " ", data))

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        text = "\n".join(line.strip() for line in "".join(self._cell).split("\n")).strip()
        self._cell = None
        # Cells of the rows above reach into these places: they stay empty.
        while self._below.get(len(self._row), 0) > 0:
            self._row.append("")
        place, (columns, rows) = len(self._row), self._span
        self._row += [text, *[""] * (columns - 1)]
        if rows > 1:
            self._below |= dict.fromkeys(range(place, place + columns), rows)

    def _end_row(self) -> None:
        self._end_cell()
        if not self._is_open:  # a row that was closed, and the next one that opens, end one row together
            return
        if any(self._row):
            self.tables[-1].append((self._number, self._row))
        self._row, self._is_open = [], False
        self._below = {column: rows - 1 for column, rows in self._below.items() if rows > 1}


def _read_span(text: str | None) -> int:
    return min(max(int(text), 1), _MOST_SPAN) if text and text.isascii() and text.isdigit() else 1
