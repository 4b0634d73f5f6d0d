"""Decoding of JSON: records of a document or of lines become flat rows of text, numbers as they were written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from io import SEEK_END
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, Protocol

from passerelle.stages.decode.header import make_free_name
from passerelle.stages.decode.inside import Inside
from passerelle.stages.decode.kinds import check_answer, check_kind, describe_flaw
from passerelle.stages.decode.linking import Linking
from passerelle.stages.decode.strict import (
    FlawedValue,
    MalformedError,
    RepeatedKeyObject,
    dumps,
    find_records,
    get_member,
    is_marked,
    loads,
    to_cell,
)
from passerelle.stages.decode.tables import DecodedRecord, add_warnings, iter_batches, set_progress
from passerelle.stages.decode.unread import UnreadTally, count_beside
from passerelle.stages.decode.window import Walk
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from passerelle.stages.decode.dialects import Json
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.stages.decode.unread import Way
    from passerelle.vocabulary.parcels import DecodedBatch

LONG = 8 << 20
"""Bytes beyond which a document stays in its file, and is read as often as is needed."""
MAX_DOCUMENT = 256 << 20
"""Most bytes of a document that has to be in memory as a whole: one that is not UTF-8."""
MAX_LINE = 16 << 20
MAX_DEPTH = 100
_DEEP = "decode.record.too_deep"
_ITSELF: Mapping[str, str] = {"": ""}


def split_path(path: str) -> list[str]:
    """Return the steps of a dotted path; none for the document itself."""
    return path.split(".") if path else []


def read(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    """Read a document, or a document a line."""
    stream.seek(0)
    if dialect.lines:
        return _read_lines(stream, dialect, block_rows, numbering)
    return _read_document(stream, dialect, block_rows, numbering)


def _read_document(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    wrong = None
    try:
        document = _open_document(stream)
        check_kind(document.get_value, dialect.kind)
        inside = Inside(frozenset(dialect.spread), dialect.named)
        reader = _Reader(inside, _flatten_above(document, dialect.above), Linking(dialect))
        listings, warned = _find_listings(document, dialect, reader)
    except MalformedError as fault:
        wrong = _make_error(fault)
    if wrong:  # raised here, so that it hangs on nothing
        raise wrong
    batches = chain.from_iterable(_read_listing(listing, reader, block_rows, numbering) for listing in listings)
    size = stream.seek(0, SEEK_END)
    yield from set_progress(add_warnings(batches, warned), size, sum(listing.count for listing in listings))


def _make_error(fault: MalformedError) -> ParcelError:
    if fault.deep:
        return ParcelError("decode.parcel.too_deep", limit=str(MAX_DEPTH))
    if fault.flaw:
        return ParcelError(
            "decode.parcel.flawed", declared="JSON", line=str(fault.line), what=describe_flaw(fault.flaw)
        )
    return ParcelError("decode.parcel.malformed", declared="JSON", line=str(fault.line))


def _open_document(stream: IO[bytes]) -> _LoadedDocument | _StreamedDocument:
    """Load a short document; stream a long one. Only UTF-8 can be streamed."""
    head = stream.read(LONG + 1)
    if len(head) > LONG and not is_marked(head):
        return _StreamedDocument(stream)
    content = head + stream.read(MAX_DOCUMENT - len(head) + 1)
    if len(content) > MAX_DOCUMENT:
        raise ParcelError("decode.parcel.too_big", limit=str(MAX_DOCUMENT))
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ParcelError("decode.parcel.empty")
    try:
        return _LoadedDocument(loads(content))
    except MalformedError as fault:
        if not fault.flaw or is_marked(head):
            raise
    # Read record by record, so that what is flawed costs its own record only.
    return _StreamedDocument(stream)


class _Walk(Protocol):
    """What stands at one path. `present` is known once the records were read."""

    present: bool

    def iter_records(self) -> Iterator[Any]:
        """Return the records."""
        ...


class _LoadedDocument:
    """A document in memory."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def walk(self, path: list[str], *, tally: UnreadTally | None = None, read: Sequence[Way] = ()) -> _Walk:
        """Return what stands at a path; with `tally`, count what stands at none of the paths in `read`."""
        try:
            if tally is not None:
                count_beside(self._document, read, (), tally)
            return _LoadedWalk(find_records(self._document, path))
        except RecursionError:
            raise MalformedError(1, deep=True) from None

    def get_value(self, path: list[str]) -> Any:
        """Return the value at a path, unchanged; None when there is none."""
        value = self._document
        for key in path:
            value = get_member(value, key)
        return value

    def is_null(self, path: list[str]) -> bool:
        """Whether null stands at a path."""
        holder = self.get_value(path[:-1])
        return isinstance(holder, dict) and path[-1] in holder and holder[path[-1]] is None

    def list_keys(self) -> frozenset[str] | None:
        """Return the members of the document; None when it is no object."""
        return frozenset(self._document) if isinstance(self._document, dict) else None


class _LoadedWalk:
    """Records in memory; None: there is no such path."""

    def __init__(self, records: list[Any] | None) -> None:
        self._records = records or []
        self.present = records is not None

    def iter_records(self) -> Iterator[Any]:
        """Return the records."""
        return iter(self._records)


class _StreamedDocument:
    """A document that stays in its file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def walk(self, path: list[str], *, tally: UnreadTally | None = None, read: Sequence[Way] = ()) -> _Walk:
        """Return what stands at a path; the walk counts on its way what stands at none of the paths in `read`."""
        return Walk(self._stream, path, tally=tally, read=read)

    def get_value(self, path: list[str]) -> Any:
        """Return the value at a path, unchanged; None when there is none."""
        return next(Walk(self._stream, path, whole=True).iter_records(), None)

    def is_null(self, path: list[str]) -> bool:
        """Whether null stands at a path."""
        return list(Walk(self._stream, path, whole=True).iter_records()) == [None]

    def list_keys(self) -> frozenset[str] | None:
        """Return None: an error is short."""
        return None


@dataclass(slots=True)
class _Listing:
    """The records of one member: where they stand, how many there are, and every column that any of them has."""

    member: str
    walks: list[Callable[[], _Walk]] = field(default_factory=list)
    count: int = 0
    columns: dict[str, bool] = field(default_factory=dict)

    def iter_records(self) -> Iterator[Any]:
        """Return the records, from the first."""
        return chain.from_iterable(walk().iter_records() for walk in self.walks)

    def note(self, cells: Mapping[str, str | None]) -> None:
        """Count one record and collect its columns."""
        self.count += 1
        for name, text in cells.items():
            self.columns[name] = self.columns.get(name, False) or bool(text)


def _find_listings(
    document: _LoadedDocument | _StreamedDocument, dialect: Json, reader: _Reader
) -> tuple[list[_Listing], tuple[RowWarning, ...]]:
    """Find the lists that are named. Raises ParcelError when none is there."""
    paths = dialect.lists or _ITSELF
    read = [tuple(split_path(path)) for path in (*paths, *dialect.above, *dialect.kind)]
    tally: UnreadTally | None = UnreadTally()
    unread = tally
    listings: dict[str, _Listing] = {}
    absent: dict[str, list[str]] = {}
    empty: list[str] = []
    for path, member in paths.items():
        way = partial(document.walk, split_path(path))
        listing = listings.get(member) or _Listing(member)
        walk = way(tally=tally, read=read)
        tally = None  # one walk passes by everything
        # Every record is read here once and again for its batch: all batches need the same columns, and references
        # may point forward.
        before = listing.count
        for item in walk.iter_records():
            listing.note(reader.note_cells(listing.count + 1, item))
        if walk.present:
            listing.walks.append(way)
            listings[member] = listing
            empty += [path] * (listing.count == before)
        else:
            absent.setdefault(member, []).append(path)
    nulls = check_answer(document, paths, empty, sum(listing.count for listing in listings.values()))
    if not listings:
        raise ParcelError("decode.member.none")
    missing = {member: " / ".join(sought) for member, sought in absent.items() if member not in listings}
    warned = [
        RowWarning("decode.member.missing", Place(1, member=member), {"expected": sought})
        for member, sought in missing.items()
    ]
    warned += nulls
    if unread:
        warned += unread.drain()
    return list(listings.values()), (*warned, *reader.linking.iter_dangling(next(iter(listings))))


def _flatten_above(document: _LoadedDocument | _StreamedDocument, paths: tuple[str, ...]) -> dict[str, str | None]:
    """Flatten what every record also takes. What is not there gives no cell."""
    cells: dict[str, str | None] = {}
    for path in paths:
        value = document.get_value(path.split("."))
        if isinstance(value, dict):
            _flatten(value, f"../{path}.", cells, Inside())
        elif value is not None:
            cells[f"../{path}"] = to_cell(value)
    return cells


@dataclass(frozen=True, slots=True)
class _Reader:
    """How a record becomes cells: lists that are columns, what every record takes from above, what refers to what."""

    inside: Inside
    above: Mapping[str, str | None]
    linking: Linking

    def note_cells(self, line: int, item: Any) -> Mapping[str, str | None]:
        """Note the addresses of one record, before any is yielded; return its cells."""
        cells = self._flatten_item(line, item).cells
        self.linking.note(cells, line)
        return self.linking.replace_addresses(dict(cells))

    def record(self, line: int, item: Any) -> DecodedRecord:
        """Flatten one record, and replace addresses by names."""
        record = self._flatten_item(line, item)
        return record if record.fault else replace(record, cells=self.linking.replace_addresses(dict(record.cells)))

    def _flatten_item(self, line: int, item: Any) -> DecodedRecord:
        details = {"limit": str(MAX_DEPTH)}
        cells: dict[str, str | None] = dict(self.above)
        if isinstance(item, FlawedValue):
            return _set_flawed_aside(line, item)
        try:
            fault = _flatten(item, "", cells, self.inside) if isinstance(item, dict) else "decode.record.not_object"
            return DecodedRecord(
                line, cells, fault, raw=dumps(item) if fault else None, details=details if fault == _DEEP else {}
            )
        except RecursionError:  # a list in a list … is written back by recursion, whatever the depth of objects
            return DecodedRecord(line, fault=_DEEP, details=details)


def _set_flawed_aside(line: int, item: FlawedValue) -> DecodedRecord:
    details = {"declared": "JSON", "what": describe_flaw(item.flaw)}
    return DecodedRecord(line, fault="decode.record.flawed", raw=dumps(item.value), details=details)


def _read_listing(listing: _Listing, reader: _Reader, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    """Return the records of one list. All have the same columns: those of the whole list, in order of appearance."""
    columns = listing.columns
    objects = {name[:dot] for name in columns for dot, char in enumerate(name) if char == "."} & columns.keys()
    names = [name for name, filled in columns.items() if filled or name not in objects]
    items = enumerate(listing.iter_records(), start=1)
    records = (_spread_empty_objects(reader.record(place, item), objects, names) for place, item in items)
    return iter_batches(listing.member, records, block_rows, numbering, columns=names)


def _spread_empty_objects(record: DecodedRecord, objects: set[str], names: Sequence[str]) -> DecodedRecord:
    """Empty the members of an object that is null or holds nothing here: elsewhere these are cells."""
    if objects.isdisjoint(record.cells):
        return record
    cells = {name: cell for name, cell in record.cells.items() if cell or name not in objects}
    empty = [f"{name}." for name in objects & (record.cells.keys() - cells.keys())]
    said = {name: "" for name in names if name not in cells and any(name.startswith(above) for above in empty)}
    return replace(record, cells={**cells, **said})


def _flatten(item: dict[str, Any], prefix: str, cells: dict[str, str | None], inside: Inside, depth: int = 0) -> str:
    """Write the members of an object as cells named by path; return the code of a fault, or an empty text."""
    if isinstance(item, RepeatedKeyObject):
        return "decode.record.repeated_key"
    if depth >= MAX_DEPTH:
        return _DEEP
    for key, value in item.items():
        path = prefix + key
        below = inside.to_object(path, value)
        if isinstance(below, dict):
            if fault := _flatten(below, f"{path}.", cells, inside, depth + 1):
                return fault
            if not below and isinstance(value, list):
                cells.setdefault(path, "")  # a list that is there and holds nothing says so
        else:
            cells[make_free_name(path, {ROW, *cells}) if path in cells or path == ROW else path] = to_cell(value)
    return ""


def _read_lines(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    member = next(iter(dialect.lists.values()), "")
    # Lines have no addresses: one cannot refer to another.
    reader = _Reader(Inside(frozenset(dialect.spread), dialect.named), {}, Linking(replace(dialect, addresses=())))
    tally = UnreadTally()
    records = _iter_line_records(stream, dialect, reader, tally)
    first = next(records, None)
    if first is None:
        raise ParcelError("decode.parcel.empty")
    for decoded in iter_batches(member, chain([first], records), block_rows, numbering, tally=tally):
        yield replace(decoded, consumed=stream.tell())


def _iter_line_records(
    stream: IO[bytes], dialect: Json, reader: _Reader, tally: UnreadTally
) -> Iterator[DecodedRecord]:
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) >= MAX_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield DecodedRecord(number, fault="decode.row.too_long", details={"limit": str(MAX_LINE)})
        elif line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield from _iter_records_of_line(number, line, dialect, reader, tally)


def _iter_records_of_line(
    number: int, line: bytes, dialect: Json, reader: _Reader, tally: UnreadTally
) -> Iterator[DecodedRecord]:
    raw = line.decode("utf-8", "replace").rstrip("\r\n")
    try:
        document = _LoadedDocument(loads(line))
        check_kind(document.get_value, dialect.kind)
    except MalformedError as fault:
        what = {"what": describe_flaw(fault.flaw)} if fault.flaw else {}
        code = "decode.record.flawed" if fault.flaw else "decode.record.malformed"
        yield DecodedRecord(number, fault=code, raw=raw, details={"declared": "JSON", **what})
        return
    except ParcelError as fault:  # the other lines may be of the right kind
        yield DecodedRecord(number, fault=fault.code, raw=raw, details=fault.details)
        return
    path = split_path(next(iter(dialect.lists), ""))
    read = [tuple(path), *(tuple(split_path(way)) for way in dialect.kind)]
    walk = document.walk(path, tally=tally, read=read)
    yield from (reader.record(number, item) for item in walk.iter_records())
