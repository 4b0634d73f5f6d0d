"""Reads a workbook in a process of its own, with limits: run as a script, imports nothing of passerelle.

Standard input is the workbook. The first argument is JSON: the names of the sheets wanted, how many of the first ones,
or null for the first that people see and that is not empty; the second a JSON object of limits: `memory` in bytes,
`seconds` of processor, `cells` that a sheet may span (0: any).

Standard output is JSON lines: `{"sheets": [names], "marked": whether errors and formats could be read}`, then for each
sheet read `{"sheet": name, "left": first column, "merged": [[[row, column], [row, column]]], "twice": [row],
"hidden_rows": [row], "hidden_columns": [[column, column]]}` (places from 0, rows from 1; the last two where they can be
known) and `[row, [cells]]` (from 1) for every row that is not empty; then, unless a number of sheets was
asked for, for each other sheet that is not empty `{"unread": name, "values": count, "head": [[row, [cells]]]}`. A cell
that has no value because of the spreadsheet holds a word of `vocabulary.cell_marks`. The exit code is 0 when all was
written, `ENCRYPTED`, `BROKEN`, `TOO_WIDE`, or anything else when a limit was met.
"""

from __future__ import annotations

import importlib.util
import io
import json
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

OUTPUT = 1 << 30
ENCRYPTED = 3
BROKEN = 4
TOO_WIDE = 5
HEAD = 10
"""Rows of a sheet that is not read in which the names of its columns are looked for."""
_HALF = timedelta(milliseconds=500)


def limit(memory: int, seconds: int) -> None:
    """Limit memory, time and output to what an honest workbook takes, where the system can."""
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return
    for name, most in (("AS", memory), ("CPU", seconds), ("FSIZE", OUTPUT), ("CORE", 0)):
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def load_sibling(path: str) -> ModuleType:
    """Load a module of passerelle by its path: its package would bring in everything else, past the limits."""
    file = Path(__file__).parent / path
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ImportError
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def to_text(value: Any) -> str:
    """Write a cell as canonical text: ISO dates, integers without `.0`, decimals with a dot, fifteen digits."""
    writer = _WRITERS.get(type(value))
    return writer(value) if writer else ""


def _write_number(value: float) -> str:
    if value.is_integer():
        # Sixteen digits: the spreadsheet has written zeros over the last ones.
        return str(int(value)) if -1e15 < value < 1e15 else f"#DIGITS! {int(value)}"
    return f"{Decimal(f'{value:.15g}'):f}"


def _write_moment(value: datetime) -> str:
    # Workbooks have no days, only moments, as fractions of a day: to the second, and midnight is read as a day.
    whole = value if not value.microsecond else (value + _HALF).replace(microsecond=0)
    return whole.isoformat() if whole.hour or whole.minute or whole.second else whole.date().isoformat()


def _write_time(value: time) -> str:
    seconds = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    return _write_duration(seconds)


def _write_duration(value: timedelta) -> str:
    # Halves go up: rounding to even would write two times that are a second apart as one.
    seconds = (value + _HALF) // timedelta(seconds=1)
    sign = "-" if seconds < 0 else ""
    minutes, seconds = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: lambda value: _write_number(float(value)),
    float: _write_number,
    datetime: _write_moment,
    date: date.isoformat,
    time: _write_time,
    timedelta: _write_duration,
}


def write_line(word: Any) -> None:
    """Write one line of JSON."""
    sys.stdout.write(_encode(word))
    sys.stdout.write("\n")


# Made once: `json.dumps` makes an encoder for each line that is not written in its default way.
_encode = json.JSONEncoder(ensure_ascii=True, check_circular=False).encode


def main() -> None:
    """Read what is asked for."""
    wanted, limits = json.loads(sys.argv[1]), json.loads(sys.argv[2])
    limit(limits["memory"], limits["seconds"])
    from python_calamine import CalamineError, PasswordError  # noqa: PLC0415  after the limits

    content = sys.stdin.buffer.read()
    pages = load_sibling("table_page.py")
    try:
        if pages.is_web_page(content[:4096]):
            write_page(pages.read_tables(content), wanted)
        else:
            _Workbook(content, limits["cells"]).write(wanted)
    except PasswordError:
        sys.exit(ENCRYPTED)
    except MemoryError:
        sys.exit(TOO_WIDE)
    except (CalamineError, ExpatError, zipfile.BadZipFile, KeyError, ValueError, OSError):
        sys.exit(BROKEN)


def write_page(tables: list[list[tuple[int, list[str]]]], wanted: list[str] | int | None) -> None:
    """Write the tables of a web page as sheets, named by their place: those that are wanted, and what the others hold.

    Its cells are what people see: no value is hidden behind them, so nothing needs a mark.
    """
    sheets = {f"Table {place}": rows for place, rows in enumerate(tables, start=1)}
    write_line({"sheets": list(sheets), "marked": True})
    if wanted is None:
        # the widest: exports of pages put titles and menus into small tables of their own
        chosen = [max(sheets, key=lambda name: max(len(cells) for _number, cells in sheets[name]))] if sheets else []
    else:
        chosen = list(sheets)[:wanted] if isinstance(wanted, int) else [name for name in sheets if name in wanted]
    for name in chosen:
        width = max(len(cells) for _number, cells in sheets[name])
        write_line({"sheet": name, "left": 0, "merged": [], "twice": []})
        for number, cells in sheets[name]:
            write_line([number, cells + [""] * (width - len(cells))])
    for name, rows in sheets.items():
        values = sum(len(cells) - cells.count("") for _number, cells in rows)
        if name not in chosen and values and not isinstance(wanted, int):
            write_line({"unread": name, "values": values, "head": [[number, cells] for number, cells in rows[:HEAD]]})


class _Workbook:
    """A workbook: its values as calamine reads them, and beside them what calamine does not tell."""

    def __init__(self, content: bytes, most_cells: int) -> None:
        from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415  after the limits

        self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        self._names = [entry.name for entry in self._book.sheets_metadata if entry.typ == SheetTypeEnum.WorkSheet]
        self._shown = [entry.name for entry in self._book.sheets_metadata if entry.visible == SheetVisibleEnum.Visible]
        self._most_cells = most_cells
        self._scanning = load_sibling("workbook_marks.py")
        self._words = load_sibling("../vocabulary/cell_marks.py")
        # a workbook of before 2007 is no archive: what calamine does not tell of it, nothing here finds
        self._archive = zipfile.ZipFile(io.BytesIO(content)) if content.startswith(b"PK") else None
        read_parts, formats = self._scanning.read_parts, load_sibling("number_formats.py")
        self._parts = read_parts(self._archive, formats) if self._archive else None
        self._paths: dict[str, str] = self._parts.sheets if self._parts else {}

    def write(self, wanted: list[str] | int | None) -> None:
        """Write the sheets that are wanted, and what the others hold."""
        write_line({"sheets": self._names, "marked": all(self._paths.get(name) for name in self._names)})
        if isinstance(wanted, int):
            chosen = self._names[:wanted]
        elif wanted is None:
            chosen = [self._find_first()] if self._names else []
        else:
            chosen = [name for name in self._names if name in wanted]
        for name in chosen:
            self._write_sheet(name)
        if not isinstance(wanted, int):
            for name in self._names:
                if name not in chosen:
                    self._write_unread(name)

    def _find_first(self) -> str:
        """Find the first sheet that people see and that holds something; else the first of all."""
        shown = [name for name in self._names if name in self._shown] or self._names
        return next((name for name in shown if self._open(name).end), shown[0])

    def _write_sheet(self, name: str) -> None:
        sheet = self._open(name)
        # The dimension that a sheet declares is a hint of its writer; these are the bounds of the cells that are there.
        last_row, last_column = sheet.end or (-1, -1)
        if self._most_cells and (last_row + 1) * (last_column + 1) > self._most_cells:
            sys.exit(TOO_WIDE)
        marks = self._scan(name)
        texts = marks.texts if marks else {}
        start = sheet.start[1] if sheet.start else 0
        # A column of nothing but errors lies outside what calamine takes for the sheet, and so may a row.
        left = min([start, *(column for cells in texts.values() for column in cells)])
        about = {"sheet": name, "left": left, "merged": sheet.merged_cell_ranges or [], "twice": []}
        if marks:
            about["twice"] = sorted(marks.twice)
            about |= {"hidden_rows": sorted(marks.hidden_rows), "hidden_columns": marks.hidden_columns}
        write_line(about)
        before = [""] * (start - left)
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells = [value if type(value) is str else to_text(value) for value in row]
            if before or number in texts:
                cells = _set_texts(before + cells, texts.pop(number, {}), left)
            if any(cells):
                write_line([number, cells])
        for number in sorted(texts):
            write_line([number, _set_texts([""] * (last_column + 1 - left), texts[number], left)])

    def _open(self, name: str) -> Any:
        from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  after the limits

        try:
            return self._book.get_sheet_by_name(name)
        except CalamineError:
            path = self._paths.get(name)
            if not path:
                raise
            copy = self._scanning.write_known_errors(self._archive, path)
            return CalamineWorkbook.from_filelike(io.BytesIO(copy)).get_sheet_by_name(name)

    def _scan(self, name: str) -> Any:
        """Return the marks of a sheet; None for a workbook of which nothing is told beside its values."""
        path, archive = self._paths.get(name, ""), self._archive
        if not path or archive is None:
            return None
        return self._scanning.SheetScan(self._parts, self._words).scan(lambda: archive.open(path))

    def _write_unread(self, name: str) -> None:
        values = 0
        head: list[list[Any]] = []
        sheet = self._open(name)
        left = sheet.start[1] if sheet.start else 0
        for number, row in enumerate(sheet.iter_rows(), start=1):
            filled = len(row) - row.count("")
            values += filled
            if filled and name in self._shown and len(head) < HEAD:
                head.append([number, [*[""] * left, *map(to_text, row)]])
        if values:
            write_line({"unread": name, "values": values, "head": head})


def _set_texts(cells: list[str], texts: dict[int, str], left: int) -> list[str]:
    """Put marks in their places, and return the cells."""
    for column, text in texts.items():
        cells += [""] * (column - left - len(cells) + 1)
        cells[column - left] = text
    return cells


if __name__ == "__main__":
    main()
