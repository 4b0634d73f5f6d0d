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
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from collections.abc import Sequence

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
_TOTAL = re.compile(r"(sous[- ]?)?total|totaux|somme|cumul", re.IGNORECASE)
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
    totals: tuple[str, ...] = ()
    """Columns in which rows of totals say what they are."""

    @property
    def sheets(self) -> tuple[str, ...]:
        """Return the names of the worksheets that are read, where they are named."""
        return tuple(self.dialect.sheets) if isinstance(self.dialect, Xlsx) else ()


def read_sample(stream: IO[bytes]) -> FileSample:
    """Guess how a file is written, and read its first rows. Raises ParcelError when no dialect reads it."""
    start = stream.read(8)
    stream.seek(0)
    if start.startswith(b"PK"):
        return drop_totals(_read_fullest_sheet(stream))
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
    return drop_totals(_read_delimited(stream, text, remarks))


def _read_fullest_sheet(stream: IO[bytes]) -> FileSample:
    """Read every worksheet that people see, and take the one with most cells; the first is preferred among equals."""
    names = list_sheets(stream)
    first = _read_sheet(stream, Xlsx())
    others = {name: _read_sheet(stream, Xlsx(sheets={name: ""})) for name in names[1:_SHEETS]}
    best = max([first, *others.values()], key=_compute_fullness)
    # A sheet with a table of its own that nobody reads must be told: it is another export in the same file.
    left = [name for name, sample in {names[0]: first, **others}.items() if sample is not best and sample.rows > 1]
    if not left:
        return best
    told = _("other worksheets with a table: {names}").format(names=join_names(left))
    return replace(best, remarks=(*best.remarks, told))


def drop_totals(sample: FileSample) -> FileSample:
    """Take out the rows of totals, which are no example of anything; remember in which column they say so."""
    names = list(sample.columns)
    total: dict[int, str] = {}
    for row in range(sample.rows):
        cells = [(name, sample.columns[name][row] or "") for name in names]
        filled = [(name, cell) for name, cell in cells if cell.strip()]
        if filled and _TOTAL.match(filled[0][1].strip()) and len(filled) < len(names):
            total[row] = filled[0][0]
    if not total:
        return sample
    columns = {
        name: [cell for row, cell in enumerate(cells) if row not in total] for name, cells in sample.columns.items()
    }
    told = _("rows of totals, left out: {count}").format(count=len(total))
    return replace(
        sample,
        columns=columns,
        rows=sample.rows - len(total),
        remarks=(*sample.remarks, told),
        totals=tuple(dict.fromkeys(total.values())),
    )


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
    _score, delimiter, skip, header, below = max(layouts, key=lambda layout: layout[0])
    # A row of names holds nearly no number, date or time.
    data = [cell for cell in header if _DATA.fullmatch(cell.strip())]
    names = () if len(data) * 3 <= len(header) else tuple(f"C{n + 1}" for n in range(len(header)))
    if names:
        remarks = (*remarks, _("no row of names: columns are numbered"))
    if skip:
        remarks = (*remarks, _("lines before the names: {count}").format(count=skip))
    dialect = Csv(delimiter=delimiter, skip_lines=skip, header=names, encoding=_find_encoding(stream))
    if not names and _is_grouped(header, below):
        dialect, remarks = replace(dialect, header_rows=2), (*remarks, _("the names stand in two rows"))
    return _read_rows(stream, dialect, remarks)


def _find_encoding(stream: IO[bytes]) -> str:
    """Return the encoding to declare; nothing for UTF-8, which is expected unless something else is said."""

    def reopen() -> IO[bytes]:
        stream.seek(0)
        return stream

    codec = detect_encoding(reopen, "").codec
    return "" if codec.lower().startswith(("utf-8", "utf8")) else codec


def _is_grouped(above: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row of names only names groups, and the next one their columns: gaps above, names in full below."""
    named = [cell for cell in above if cell.strip()]
    full = len(below) == len(above) and all(cell.strip() for cell in below)
    return 1 < len(named) < len(above) and full and not any(_DATA.fullmatch(cell.strip()) for cell in below)


def _guess_layout(text: str, delimiter: str) -> tuple[float, str, int, list[str], list[str]]:
    """Return how well a separator cuts the text, how many lines stand before the names, the names, the next row."""
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
    table = [(line, row) for line, row in places if len(row) == width]
    # A title that was padded to the width of the table has one cell: it names nothing.
    table = [pair for place, pair in enumerate(table) if place > 3 or _count_filled(pair[1]) > 1 or width < 2] or table
    (line, first), (_line, below) = [*table, (0, [""]), (0, [""])][:2]
    return (width > 1) * widths.count(width) / max(len(widths), 1) * min(width, 10), delimiter, line, first, below


def _count_filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


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
    return _read_groups(stream, best)


def _read_groups(stream: IO[bytes], sample: FileSample) -> FileSample:
    """Read the row above the names too, where it names groups of them; merged cells say how far each reaches."""
    dialect = sample.dialect
    if not isinstance(dialect, Xlsx):
        return sample
    for row in dict.fromkeys((dialect.header_row - 1, dialect.header_row)):
        if row < 1:
            continue
        try:
            grouped = _read_rows(
                stream, replace(dialect, header_row=row, header_rows=2), (_("the names stand in two rows"),)
            )
        except ParcelError:
            continue
        groups = {name.partition(" / ")[0] for name in grouped.columns if " / " in name}
        named = all(not name.startswith("#") for name in grouped.columns)
        both = [name for name in grouped.columns if " / " in name]
        repeated = any(name.count(" / ") == 1 and name.split(" / ")[1] != "" for name in both)
        if named and repeated and 1 < len(groups) < len(grouped.columns) and not _is_data_below(both):
            return replace(grouped, remarks=(*sample.remarks, *grouped.remarks))
    return sample


def _is_data_below(names: Sequence[str]) -> bool:
    """Whether what stands below a group is rather a first row of data: figures, or what no name would be."""
    return any(_DATA.fullmatch(name.partition(" / ")[2].strip()) for name in names)


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
