"""Guess the dialect of a sample file, and read its first rows by the decode stage, as a connector would."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from passerelle.documents.workbook_reader import list_sheets, open_rows
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.dialects import Csv, Json, Xlsx, Xml
from passerelle.stages.decode.text import Utf8, detect_encoding
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from passerelle.stages.decode.dialects import Dialect

MOST_ROWS = 5_000
"""Rows that are looked at."""
CUT = 300
"""Characters of a cell that are looked at."""
_HEAD = 256 << 10
"""Bytes in which header and separator must show."""
_LINES = 60
"""Lines among which the header is looked for."""
_DELIMITERS = ";,\t|"
_WHOLE = 16 << 20
"""Bytes of a JSON document that is looked at whole."""
_SHEETS = 6
"""Worksheets among which a table is looked for, when there is none in the first."""
_NAMES = 10
"""Rows of a worksheet that are tried as the row of names."""
_DATA = re.compile(r"-?[0-9][0-9 .,:/-]*")
"""Cells that look like data: a header has hardly any."""


@dataclass(frozen=True, slots=True)
class FileSample:
    """The first rows of a file: its dialect, the cells of each column, remarks for the reader."""

    dialect: Dialect
    columns: dict[str, list[str | None]]
    rows: int
    aside: int
    """Rows that could not be read as rows."""
    remarks: tuple[str, ...] = ()


def read_sample(stream: IO[bytes]) -> FileSample:
    """Guess how a file is written, and read its first rows. Raises ParcelError when no dialect reads it."""
    start = stream.read(8)
    stream.seek(0)
    if start.startswith(b"PK"):
        best = _read_sheet(stream, Xlsx())
        if len(best.columns) < 2:
            others = [_read_sheet(stream, Xlsx(sheets={name: ""})) for name in list_sheets(stream)[1:_SHEETS]]
            best = max([best, *others], key=_compute_fullness)
        return best
    text, remarks = _read_text(stream)
    opening = text.lstrip()[:1]
    if opening in ("{", "["):
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and all(_is_object(line) for line in lines[:2]):
            return _read_rows(stream, Json(lists={"": ""}, lines=True), (*remarks, _("one JSON object a line")))
        path = "" if text.lstrip().startswith("[") else _find_longest_list(stream)
        return _read_rows(
            stream, Json(lists={path: ""}), (*remarks, _("records under «{path}»").format(path=path or "."))
        )
    if opening == "<":
        return _read_rows(stream, Xml(rows=_find_elements(text)), remarks)
    return _read_delimited(stream, text, remarks)


def _read_text(stream: IO[bytes]) -> tuple[str, tuple[str, ...]]:
    """Read the beginning as text, and say in which encoding."""

    def reopen() -> IO[bytes]:
        stream.seek(0)
        return stream

    reading = detect_encoding(reopen, "")
    text = Utf8(reopen(), reading).read(_HEAD).decode("utf-8", "replace")
    return text, (_("encoding: {encoding}").format(encoding=reading.codec),)


def _read_rows(stream: IO[bytes], dialect: Dialect, remarks: tuple[str, ...]) -> FileSample:
    """Read the first rows through the decode stage."""
    stream.seek(0)
    columns: dict[str, list[str | None]] = {}
    rows = aside = 0
    for decoded in decode(stream, dialect, block_bytes=1 << 18, block_rows=1_000, open_workbook=open_rows):
        frame = decoded.table.frame.head(MOST_ROWS - rows)
        for name in frame.columns:
            columns.setdefault(name, [None] * rows).extend(frame.get_column(name).str.slice(0, CUT).to_list())
        rows += frame.height
        aside += len(decoded.aside)
        for cells in columns.values():
            cells.extend([None] * (rows - len(cells)))
        if rows >= MOST_ROWS:
            break
    if aside:
        remarks = (*remarks, _("rows that cannot be read: {count}").format(count=aside))
    return FileSample(dialect, columns, rows, aside, remarks)


def _read_delimited(stream: IO[bytes], text: str, remarks: tuple[str, ...]) -> FileSample:
    layouts = (_guess_layout(text, mark) for mark in _DELIMITERS)
    _score, delimiter, skip, header = max(layouts, key=lambda layout: layout[0])
    # A row of names holds nearly no number, date or time.
    data = [cell for cell in header if _DATA.fullmatch(cell.strip())]
    names = () if len(data) * 3 <= len(header) else tuple(f"C{n + 1}" for n in range(len(header)))
    if names:
        remarks = (*remarks, _("no row of names: columns are numbered"))
    if skip:
        remarks = (*remarks, _("lines before the names: {count}").format(count=skip))
    return _read_rows(stream, Csv(delimiter=delimiter, skip_lines=skip, header=names), remarks)


def _guess_layout(text: str, delimiter: str) -> tuple[float, str, int, list[str]]:
    """Return how well a separator cuts the text, how many lines stand before the names, and the names."""
    places: list[tuple[int, list[str]]] = []
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=delimiter)
    before = 0
    try:
        for row in reader:
            places.append((before, row))
            before = reader.line_num
            if len(places) >= _LINES:
                break
    except csv.Error:
        pass
    widths = [len(row) for _before, row in places]
    width = max(set(widths), key=lambda one: (widths.count(one) * (one > 1), one), default=0)
    first = next(((line, row) for line, row in places if len(row) == width), (0, [""]))
    return (width > 1) * widths.count(width) / max(len(widths), 1) * min(width, 10), delimiter, *first


def _read_sheet(stream: IO[bytes], dialect: Xlsx) -> FileSample:
    """Try rows as the one of names until one names every column; else the one that leads to most cells wins."""
    best = _read_rows(stream, dialect, ())
    for row in range(2, _NAMES + 1):
        if len(best.columns) >= 2 and not best.aside and all(not name.startswith("#") for name in best.columns):
            break
        try:
            other = _read_rows(
                stream, replace(dialect, header_row=row), (_("lines before the names: {count}").format(count=row - 1),)
            )
        except ParcelError:  # no such row: the table is shorter
            continue
        best = max(best, other, key=_compute_fullness)
    return best


def _compute_fullness(sample: FileSample) -> tuple[int, int]:
    """Return how many cells a sample has under names of its own, then how few rows were set aside."""
    named = [name for name in sample.columns if not name.startswith("#")]
    return len(named) * sample.rows, -sample.aside


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    # json recurses once a level: a deeply nested line ends in RecursionError, not ValueError.
    except (ValueError, RecursionError):
        return False


def _find_longest_list(stream: IO[bytes]) -> str:
    """Find the path of the longest list of objects. Raises ParcelError for a document too big to look at."""
    stream.seek(0)
    content = stream.read(_WHOLE + 1)
    if len(content) > _WHOLE:
        raise ParcelError("decode.parcel.too_big", limit=str(_WHOLE))
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ""
    lengths = dict(_list_lists(document, "", 3))
    return max(lengths, key=lambda path: lengths[path], default="")


def _list_lists(value: Any, path: str, depth: int) -> list[tuple[str, int]]:
    """List the paths of lists of objects, with their lengths."""
    if isinstance(value, list):
        return [(path, len(value))] if value and all(isinstance(one, dict) for one in value) else []
    if not isinstance(value, dict) or not depth:
        return []
    inside = [
        _list_lists(one, f"{path}.{name}".lstrip("."), depth - 1) for name, one in value.items() if "." not in name
    ]
    return [pair for pairs in inside for pair in pairs]


def _find_elements(text: str) -> dict[str, str]:
    """Find the element that repeats most right below the root or one level deeper, by its path."""
    depth, path = 0, list[str]()
    counts: dict[str, int] = {}
    for closing, name, empty in re.findall(r"<(/?)(?:[\w.-]+:)?([\w.-]+)[^<>]*?(/?)>", text):
        if closing:
            path = path[:-1]
            continue
        if len(path) in (1, 2):
            place = "/" + "/".join([*path, name])
            counts[place] = counts.get(place, 0) + 1
        path = path if empty else [*path, name]
        depth = max(depth, len(path))
    best = max(counts, key=lambda place: (counts[place], -place.count("/")), default="/")
    return {best: ""}
