"""What the reader of workbooks hides of an XLSX sheet: errors, formulas without result, shown zeros, cells given twice.

Imports nothing of passerelle: the child process loads this file by its path. A sheet is scanned twice at most: a search
over its bytes decides quickly, and only when it is sure; else a parser reads the sheet element by element.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import IO, TYPE_CHECKING, Any
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

_PIECE = 1 << 18
_CELL = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"')
_ROW = re.compile(rb'<row r="([0-9]{1,7})"')
_HIDDEN_ROW = re.compile(rb'<row r="([0-9]{1,7})"(?=[^>]* (?:hidden="(?:1|true)"|ht="0"))')
_COLUMNS = re.compile(rb"<(?:[a-z]+:)?col [^>]*>")
_ATTRIBUTE = re.compile(rb""" ([a-z]+)=["']([0-9a-z]*)["']""")
_LETTERS = bytes(range(ord("A"), ord("Z") + 1))
_UNSURE = (
    *(b"<!", b"<?", b":c ", b":row ", b"t='", b"s='"),
    *(b"<c>", b"<c/", b"<c\n", b"<c\t", b"<c\r", b"<row>", b"<row/", b"<row\n", b"<row\t", b"<row\r"),
)
"""Ways of writing that the quick search does not follow: comments, prefixes, cells and rows without a place."""
_START = rb'<c r="([A-Z]+)([0-9]+)"'
_ERROR = re.compile(_START + rb'([^>]* t="e"[^>]*)(?<!/)>(.*?)</c>', re.DOTALL)
_FORMULA = re.compile(_START + rb"([^>]*)(?<!/)>(?=<f[ />])(.*?)</c>", re.DOTALL)
_VALUE = re.compile(rb"<v[^>/]*>([^<]*)</v>")
_STYLE = re.compile(rb' s="([0-9]+)"')
_TYPE = re.compile(rb' t="([A-Za-z]+)"')
_ANY = rb"[^<]*"
_FROM_ONE = rb"(?!0[.<])[^<]*"
"""Numbers from 1 on, or in a notation that does not show it: times below 24 hours are all read as they are shown."""
_WHOLE = rb"-[^<]*|[0-9]+(?:\.(?:0000|9999)[0-9]*)?|60\.[0-9]*"
_NEVER = rb"-[^<]*|60(?:\.[0-9]*)?"
_NO_DAY = 60
"""Spreadsheets take 1900 for a leap year, as Lotus 1-2-3 did: this number is shown as a day that never was."""
_DAY = 86_400


_ERROR_TEXT = re.compile(rb"""(\st=["']e["'][^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v[^>]*>)[^<]*""", re.DOTALL)


def write_known_errors(archive: zipfile.ZipFile, path: str) -> bytes:
    """Return a copy of a workbook in which every error of a sheet is one that all readers know.

    calamine refuses a whole sheet for an error that is not in the standard, such as those of a later Excel.
    """
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as written:
        for name in archive.namelist():
            content = archive.read(name)
            written.writestr(name, _ERROR_TEXT.sub(rb"\1#VALUE!", content) if name == path else content)
    return copy.getvalue()


def is_hidden(attributes: Mapping[str, str], size: str) -> bool:
    """Whether a row or a column is not seen: hidden, or of no height or width."""
    return attributes.get("hidden") in {"1", "true"} or attributes.get(size) == "0"


@dataclass(slots=True)
class SheetMarks:
    """What is to be said of a sheet beside its values."""

    texts: dict[int, dict[int, str]] = field(default_factory=dict)
    """Row (from 1), column (from 0): what stands in the cell instead of the value that was read."""
    twice: set[int] = field(default_factory=set)
    """Rows that stand twice in the sheet, or in which a cell does: which one counts is not said."""
    hidden_rows: set[int] = field(default_factory=set)
    """Rows that people do not see, by hand or behind a filter: all others read them."""
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    """First and last place of the columns that people do not see, from 0."""

    def add_columns(self, attributes: Mapping[str, str]) -> None:
        """Add the columns of an element `col`, when it hides them."""
        first, last = attributes.get("min", ""), attributes.get("max", "")
        if is_hidden(attributes, "width") and first.isdecimal() and last.isdecimal():
            self.hidden_columns.append((int(first) - 1, int(last) - 1))

    def add(self, row: int, column: int, text: str) -> None:
        """Set what stands in a cell."""
        self.texts.setdefault(row, {})[column] = text


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """Where the sheets of a workbook are in its archive, and what its styles show."""

    sheets: dict[str, str]
    """Name of a worksheet → its entry."""
    formats: dict[int, Any]
    """Number of a style → its `NumberFormat`, where that matters to what a number means."""
    since_1904: bool
    """Whether days are counted from 1904, as spreadsheets on a Macintosh did."""


def read_parts(archive: zipfile.ZipFile, formats: ModuleType) -> WorkbookParts | None:
    """Read the table of contents and the styles; None when the archive is no XLSX. Raises expat's error, KeyError."""
    start = next((path for kind, path in _iter_relations(archive, "") if kind.endswith("/officeDocument")), "")
    if not start.endswith(".xml"):  # the binary form of Excel, or the archive of another office
        return None
    start = find_entry(archive, start)
    relations = _list_relations(archive, start)
    paths = {entry.get("Id", ""): _resolve(start, entry.get("Target", "")) for entry in relations}
    sheets, since_1904 = {}, False
    for name, attributes in iter_starts(archive.read(start)):
        if name == "sheet":
            place = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sheets[attributes.get("name", "")] = find_entry(archive, paths.get(place, ""))
        since_1904 |= name == "workbookPr" and attributes.get("date1904") in {"1", "true", "on"}
    styles = next((path for kind, path in _iter_relations(archive, start) if kind.endswith("/styles")), "")
    return WorkbookParts(
        sheets, _read_formats(archive.read(find_entry(archive, styles)), formats) if styles else {}, since_1904
    )


def find_entry(archive: zipfile.ZipFile, path: str) -> str:
    """Return the name of an entry, whose capitals do not count (ECMA-376 part 2); nothing when there is none."""
    return next((name for name in archive.namelist() if name.casefold() == path.casefold()), "")


def iter_starts(content: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the local name and the attributes of every element. Raises expat's error when it is no plain XML."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = make_parser(lambda name, attributes: found.append((name, attributes)))
    parser.Parse(content, True)
    yield from found


def make_parser(start: Callable[[str, dict[str, str]], object]) -> expat.XMLParserType:
    """Return a parser that calls `start` with local names, and refuses entities: no spreadsheet declares any."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)

    def refuse(*_arguments: object) -> None:
        raise ValueError

    parser.EntityDeclHandler = refuse
    return parser


def _iter_relations(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    """Yield kind and path of what a part refers to."""
    for attributes in _list_relations(archive, part):
        yield attributes.get("Type", ""), _resolve(part, attributes.get("Target", ""))


def _list_relations(archive: zipfile.ZipFile, part: str) -> list[dict[str, str]]:
    folder, name = posixpath.split(part)
    path = find_entry(archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    if not path:
        return []
    return [attributes for name, attributes in iter_starts(archive.read(path)) if name == "Relationship"]


def _resolve(part: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")


def _read_formats(content: bytes, formats: ModuleType) -> dict[int, Any]:
    """Return the formats of the styles that cells name, as far as they change what a number says."""
    codes = dict(formats.BUILT_IN)
    styles: list[int] = []
    inside = False
    for name, attributes in iter_starts(content):
        if name == "numFmt" and attributes.get("numFmtId", "").isdecimal():
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        # `xf` stands in a list of cell styles too, which cells do not name.
        inside = name == "cellXfs" or (inside and name not in {"cellStyles", "dxfs", "cellStyleXfs"})
        if inside and name == "xf":
            number = attributes.get("numFmtId", "")
            styles.append(int(number) if number.isdecimal() else 0)
    made = {number: formats.NumberFormat(code) for number, code in codes.items()}
    mattering = {number: one for number, one in made.items() if one.writes_zeros or one.has_time or one.has_day}
    return {style: mattering[number] for style, number in enumerate(styles) if number in mattering}


class SheetScan:
    """Scans one sheet."""

    def __init__(self, parts: WorkbookParts, words: ModuleType) -> None:
        """Begin. `words` is `vocabulary.cell_marks`."""
        self._parts, self._words = parts, words
        self._rows: set[bytes] = set()
        self._searches = tuple(_iter_searches(parts.formats))
        self.marks = SheetMarks()

    def scan(self, entry: Callable[[], IO[bytes]]) -> SheetMarks:
        """Return the marks of a sheet, which `entry` opens. Raises expat's error or ValueError when it is no XML."""
        with entry() as stream:
            if self._scan_quickly(stream):
                return self.marks
        self.marks = SheetMarks()
        with entry() as stream:
            _SheetParser(self).parse(stream)
        return self.marks

    def _scan_quickly(self, stream: IO[bytes]) -> bool:
        """Whether all was written in the usual way. Pieces end where a row begins."""
        waiting = stream.read(_PIECE)
        start = waiting.find(b"<sheetData")
        # A document type is refused by the parser: no spreadsheet writes one.
        if start < 0 or b"<!" in waiting[:start]:
            return False
        for column in _COLUMNS.findall(waiting[:start]):
            self.marks.add_columns({name.decode(): value.decode() for name, value in _ATTRIBUTE.findall(column)})
        waiting = waiting[start:]
        while more := stream.read(_PIECE):
            cut = waiting.rfind(b"<row ")
            if cut > 0:
                if not self._scan_piece(waiting[:cut]):
                    return False
                waiting = waiting[cut:]
            waiting += more
        return self._scan_piece(waiting.partition(b"</sheetData>")[0])

    def _scan_piece(self, piece: bytes) -> bool:
        if any(sign in piece for sign in _UNSURE):
            return False
        cells, rows = _CELL.findall(piece), _ROW.findall(piece)
        if len(cells) != piece.count(b"<c ") or len(rows) != piece.count(b"<row "):
            return False
        numbers = set(rows)
        if len(numbers) < len(rows) or len(set(cells)) < len(cells) or not numbers.isdisjoint(self._rows):
            return False
        # A cell may name another row than the one it stands in: then two of them may share a place, unseen.
        if not numbers.issuperset(b" ".join(cells).translate(None, _LETTERS).split()):
            return False
        self._rows |= numbers
        self._mark(piece)
        return True

    def _mark(self, piece: bytes) -> None:
        if b' hidden="' in piece or b' ht="0"' in piece:
            self.marks.hidden_rows.update(map(int, _HIDDEN_ROW.findall(piece)))
        if b' t="e"' in piece:
            for letters, row, _rest, content in _ERROR.findall(piece):
                value = _VALUE.search(content)
                self.mark_error(int(row), find_column(letters.decode()), value[1].decode() if value else "")
        if b"<f" in piece:
            for letters, row, rest, content in _FORMULA.findall(piece):
                value, kind = _VALUE.search(content), _TYPE.search(rest)
                self.mark_formula(
                    int(row),
                    find_column(letters.decode()),
                    kind[1].decode() if kind else "",
                    value[1].decode() if value else "",
                )
        for needed, search in self._searches:
            if any(sign in piece for sign in needed):
                for letters, row, rest, written in search.findall(piece):
                    kind, style = _TYPE.search(rest), _STYLE.search(rest)
                    if style and (not kind or kind[1] == b"n"):
                        self.mark_number(int(row), find_column(letters.decode()), int(style[1]), written.decode())

    def mark_error(self, row: int, column: int, text: str) -> None:
        """Mark a cell in error."""
        self.marks.add(row, column, text if text in self._words.ERRORS else self._words.UNKNOWN_ERROR)

    def mark_formula(self, row: int, column: int, kind: str, written: str) -> None:
        """Mark a formula without result. An empty text is a result: then the cell says that it holds text."""
        if not written and kind not in {"str", "e"}:
            self.marks.add(row, column, self._words.NOT_COMPUTED)

    def mark_number(self, row: int, column: int, style: int, written: str) -> None:
        """Mark a number that its style shows otherwise than it is read."""
        shown_as = self._parts.formats.get(style)
        try:
            number = float(written)
        except ValueError:
            return
        # Asked this way round, because NaN is neither below nor above.
        if shown_as is None or not abs(number) < self._words.EXACT_BELOW:
            return
        if text := shown_as.show(written) if shown_as.writes_zeros else self._show_time(shown_as, number, written):
            self.marks.add(row, column, text)

    def _show_time(self, shown_as: Any, number: float, written: str) -> str:
        """Return the text of a day or time that is not read as it is shown; nothing for all others."""
        first = date(1904, 1, 1) if self._parts.since_1904 else date(1899, 12, 30 if number > _NO_DAY else 31)
        last = (date.max - first).days
        days, seconds = divmod(round(number * _DAY), _DAY)
        if number < 0:
            text = written  # shown as a row of signs: no day, and no time
        elif shown_as.has_day and days == _NO_DAY and not self._parts.since_1904:
            text = "1900-02-29"
        elif shown_as.has_day and shown_as.has_time and not seconds and 0 < days <= last:
            # Midnight is an hour where hours are shown, and says nothing where only days are.
            text = f"{first + timedelta(days=days)}T00:00:00"
        elif not shown_as.has_day and days:
            text = f"{days * 24 + seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        else:
            text = ""
        return text


def _iter_searches(formats: dict[int, Any]) -> Iterator[tuple[tuple[bytes, ...], re.Pattern[bytes]]]:
    """Yield what a piece must hold for a search to be worth it, and the search: of the numbers that may matter."""
    kinds: dict[bytes, list[bytes]] = {}
    for style, one in formats.items():
        by_time = _WHOLE if one.has_day and one.has_time else _NEVER if one.has_day else _FROM_ONE
        kinds.setdefault(_ANY if one.writes_zeros else by_time, []).append(str(style).encode())
    for numbers, styles in kinds.items():
        needed = (
            (b"<v>-", b"<v>60<", b"<v>60.") if numbers is _NEVER else tuple(b' s="' + style + b'"' for style in styles)
        )
        rest = rb'((?=[^>]* s="(?:' + b"|".join(styles) + rb')")[^>]*)(?<!/)>'
        yield needed, re.compile(_START + rest + rb"(?:<f[^>]*/>|<f.*?</f>)?<v>(" + numbers + rb")</v>", re.DOTALL)


def find_column(letters: str) -> int:
    """Return the place of a column, from 0: A, B … Z, AA."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


class _SheetParser:
    """Reads a sheet element by element, whatever way it is written."""

    def __init__(self, scan: SheetScan) -> None:
        self._scan = scan
        self._row = self._column = -1
        self._row = 0
        self._seen: set[tuple[int, int]] = set()
        self._filled_rows: dict[int, int] = {}
        """Rows that hold a cell with content → how many row elements of that number did."""
        self._cell: dict[str, str] = {}
        self._texts: list[str] = []
        self._row_filled = self._has_formula = self._has_content = self._in_value = False

    def parse(self, stream: IO[bytes]) -> None:
        """Parse a sheet."""
        parser = make_parser(self._start)
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add_text
        parser.ParseFile(stream)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            # A row without a number follows the one before it, and so does a cell.
            self._row = int(attributes.get("r") or self._row + 1)
            self._column, self._row_filled = -1, False
            if is_hidden(attributes, "ht"):
                self._scan.marks.hidden_rows.add(self._row)
        elif name == "col":
            self._scan.marks.add_columns(attributes)
        elif name == "c":
            self._cell, self._texts = attributes, []
            self._has_formula = self._has_content = False
            place = re.fullmatch("([A-Za-z]+)([0-9]+)", attributes.get("r", ""))
            self._column = find_column(place[1].upper()) if place else self._column + 1
            self._row = int(place[2]) if place else self._row
        elif name == "f":
            self._has_formula = self._has_content = True
        elif name in {"v", "is"}:
            self._has_content, self._in_value = True, name == "v"

    def _add_text(self, text: str) -> None:
        if self._in_value:
            self._texts.append(text)

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "v":
            self._in_value = False
        elif name == "c" and self._has_content:
            self._end_cell()
        elif name == "row" and self._row_filled:
            self._filled_rows[self._row] = self._filled_rows.get(self._row, 0) + 1
            if self._filled_rows[self._row] > 1:
                self._scan.marks.twice.add(self._row)

    def _end_cell(self) -> None:
        place, written = (self._row, self._column), "".join(self._texts)
        if place in self._seen:
            self._scan.marks.twice.add(self._row)
        self._seen.add(place)
        self._row_filled = True
        kind, style = self._cell.get("t", ""), self._cell.get("s", "")
        if kind == "e":
            self._scan.mark_error(*place, written)
        elif self._has_formula and not written:
            self._scan.mark_formula(*place, kind, written)
        elif kind in {"", "n"} and style.isdecimal():
            self._scan.mark_number(*place, int(style), written)
