"""JSON: records of a document or of lines become flat rows of text, numbers as they were written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from passerelle.stages.decode.header import free_name
from passerelle.stages.decode.tables import Found, in_tables, progressing, warning
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import Warned
from passerelle.vocabulary.parcels import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.decode.dialects import Json
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.vocabulary.parcels import Decoded

MAX_DOCUMENT = 256 << 20
"""Bytes of a document, which is held whole."""
MAX_LINE = 16 << 20
MAX_DEPTH = 100
_DEEP = "decode.record.too_deep"
_ITSELF: Mapping[str, str] = {"": ""}
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class _Number(str):
    """A number, digit for digit."""

    __slots__ = ()


class _Repeated(dict[str, Any]):
    """An object in which a key stood twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


class _MalformedError(Exception):
    """Not JSON. Carries no text."""

    def __init__(self, line: int, *, deep: bool = False) -> None:
        super().__init__()
        self.line = line
        self.deep = deep


def read(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[Decoded]:
    """Read a document, or a document a line."""
    stream.seek(0)
    if dialect.lines:
        return _read_lines(stream, dialect, block_rows, numbering)
    return _read_document(stream, dialect, block_rows, numbering)


def _read_document(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[Decoded]:
    content = stream.read(MAX_DOCUMENT + 1)
    if len(content) > MAX_DOCUMENT:
        raise ParcelError("decode.parcel.too_big", limit=str(MAX_DOCUMENT))
    size = len(content)
    document = _loads_parcel(content)
    del content
    try:
        lists, warned = _lists(document, dialect.lists or _ITSELF)
    except RecursionError:
        raise ParcelError("decode.parcel.too_deep", limit=str(MAX_DEPTH)) from None
    reader = _Reader(frozenset(dialect.spread), _above(document, dialect.above))
    batches = chain.from_iterable(
        _read_list(name, items, reader, block_rows, numbering) for name, items in lists.items()
    )
    yield from progressing(warning(batches, warned), size, sum(map(len, lists.values())))


def _loads_parcel(content: bytes) -> Any:
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ParcelError("decode.parcel.empty")
    try:
        return _loads(content)
    except _MalformedError as fault:
        deep, line = fault.deep, fault.line
    if deep:
        raise ParcelError("decode.parcel.too_deep", limit=str(MAX_DEPTH))
    raise ParcelError("decode.parcel.malformed", declared="JSON", line=str(line))


def _loads(content: bytes) -> Any:
    """Read strict JSON: UTF-8 unless a mark says otherwise, no NaN. Foreign errors hold the document: none gets out."""
    line, deep = 0, False
    try:
        return json.loads(
            _text(content),
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        line = error.lineno
    except RecursionError:
        deep = True
    except ValueError:
        line = 1
    raise _MalformedError(line, deep=deep)


def _text(content: bytes) -> str:
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return content.decode(codec)
    return content.decode("utf-8-sig")


def _refuse(_constant: str) -> Any:
    raise ValueError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Repeated(pairs)


def _lists(document: Any, paths: Mapping[str, str]) -> tuple[dict[str, list[Any]], tuple[Warned, ...]]:
    """Find the lists that are named. Raises ParcelError when none is there."""
    found: dict[str, list[Any]] = {}
    absent: dict[str, list[str]] = {}
    for path, member in paths.items():
        items = _at(document, path.split(".") if path else [])
        if items is None:
            absent.setdefault(member, []).append(path)
        else:
            found.setdefault(member, []).extend(items)
    if not found:
        raise ParcelError("decode.member.none")
    missing = {member: " / ".join(sought) for member, sought in absent.items() if member not in found}
    return found, tuple(
        Warned("decode.member.missing", Place(1, member=member), {"expected": sought})
        for member, sought in missing.items()
    )


def _at(value: Any, path: list[str]) -> list[Any] | None:
    """Give the records at a path; a list on the way is gone through. None when there is no such path."""
    if not path:
        return _items(value)
    if isinstance(value, list) or (value and _is_keyed(value)):
        below = [_at(item, path) for item in _items(value)]
        there = [items for items in below if items is not None]
        return list(chain.from_iterable(there)) if there or not below else None
    if isinstance(value, dict) and path[0] in value:
        return _at(value[path[0]], path[1:])
    return None


def _items(value: Any) -> list[Any]:
    """Give the records of a list, of an object keyed `"0"`, `"1"` …, or the one record that there is."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    return list(value.values()) if _is_keyed(value) else [value]


def _is_keyed(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(key.isdecimal() for key in value)
        and all(isinstance(item, dict) for item in value.values())
    )


def _above(document: Any, paths: tuple[str, ...]) -> dict[str, str | None]:
    """Flatten what every record also takes. What is not there gives no cell."""
    cells: dict[str, str | None] = {}
    for path in paths:
        value = document
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, dict):
            _flatten(value, f"../{path}.", cells, frozenset())
        elif value is not None:
            cells[f"../{path}"] = _cell(value)
    return cells


@dataclass(frozen=True, slots=True)
class _Reader:
    """How a record becomes cells: the lists that are spread, and what every record takes from above."""

    spread: frozenset[str]
    above: Mapping[str, str | None] = field(default_factory=dict)

    def record(self, line: int, item: Any) -> Found:
        """Flatten one record."""
        facts = {"limit": str(MAX_DEPTH)}
        cells: dict[str, str | None] = dict(self.above)
        try:
            fault = _flatten(item, "", cells, self.spread) if isinstance(item, dict) else "decode.record.not_object"
            return Found(line, cells, fault, raw=_dumps(item) if fault else None, facts=facts if fault == _DEEP else {})
        except RecursionError:
            return Found(line, fault=_DEEP, facts=facts)


def _read_list(
    member: str, items: list[Any], reader: _Reader, block_rows: int, numbering: Numbering
) -> Iterator[Decoded]:
    """Give the records of one list. All have the same columns: those of the whole list, in order of appearance."""
    columns: dict[str, bool] = {}
    for item in items:
        for name, cell in reader.record(0, item).cells.items():
            columns[name] = columns.get(name, False) or cell is not None
    objects = {name[:at] for name in columns for at, char in enumerate(name) if char == "."} & columns.keys()
    names = [name for name, filled in columns.items() if filled or name not in objects]
    records = (_without_empty(reader.record(place, item), objects) for place, item in enumerate(items, start=1))
    return in_tables(member, records, block_rows, numbering, columns=names)


def _without_empty(found: Found, objects: set[str]) -> Found:
    """Leave out the cell of an object that is null here: elsewhere its members are cells, it has none of its own."""
    if objects.isdisjoint(found.cells):
        return found
    cells = {name: cell for name, cell in found.cells.items() if cell is not None or name not in objects}
    return replace(found, cells=cells)


def _flatten(
    item: dict[str, Any], prefix: str, cells: dict[str, str | None], spread: frozenset[str], depth: int = 0
) -> str:
    """Write the members of an object as cells named by path. Gives the code of a fault, or nothing."""
    if isinstance(item, _Repeated):
        return "decode.record.repeated_key"
    if depth >= MAX_DEPTH:
        return _DEEP
    for key, value in item.items():
        path = prefix + key
        below = (
            {str(place): one for place, one in enumerate(value)}
            if path in spread and isinstance(value, list)
            else value
        )
        if isinstance(below, dict):
            if fault := _flatten(below, f"{path}.", cells, spread, depth + 1):
                return fault
        else:
            cells[free_name(path, {ROW, *cells}) if path in cells or path == ROW else path] = _cell(value)
    return ""


def _cell(value: Any) -> str | None:
    if value is None or type(value) is str:
        return value
    if isinstance(value, _Number):
        return str(value)
    return _dumps(value)


def _dumps(value: Any) -> str:
    """Write a value back as JSON, numbers digit for digit."""
    match value:
        case _Number():
            return str(value)
        case list():
            return "[" + ",".join(map(_dumps, value)) + "]"
        case dict():
            pairs = value.pairs if isinstance(value, _Repeated) else value.items()
            return "{" + ",".join(f"{_dumps(key)}:{_dumps(item)}" for key, item in pairs) + "}"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _read_lines(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[Decoded]:
    member = next(iter(dialect.lists.values()), "")
    path = next(iter(dialect.lists), "")
    records = _line_records(stream, path.split(".") if path else [], _Reader(frozenset(dialect.spread)))
    first = next(records, None)
    if first is None:
        raise ParcelError("decode.parcel.empty")
    for decoded in in_tables(member, chain([first], records), block_rows, numbering):
        yield replace(decoded, consumed=stream.tell())


def _line_records(stream: IO[bytes], path: list[str], reader: _Reader) -> Iterator[Found]:
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) >= MAX_LINE and not line.endswith(b"\n"):
            _drop_line(stream)
            yield Found(number, fault="decode.row.too_long", facts={"limit": str(MAX_LINE)})
        elif line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield from _line_record(number, line, path, reader)


def _drop_line(stream: IO[bytes]) -> None:
    while (line := stream.readline(MAX_LINE)) and not line.endswith(b"\n"):
        pass


def _line_record(number: int, line: bytes, path: list[str], reader: _Reader) -> Iterator[Found]:
    try:
        document = _loads(line)
    except _MalformedError:
        raw = line.decode("utf-8", "replace").rstrip("\r\n")
        yield Found(number, fault="decode.record.malformed", raw=raw, facts={"declared": "JSON"})
        return
    items = [document] if not path else _at(document, path) or []
    yield from (reader.record(number, item) for item in items)
