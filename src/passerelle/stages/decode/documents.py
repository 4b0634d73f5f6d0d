"""Decoding of JSON: records of a document or of lines become flat rows of text, numbers as they were written."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from io import SEEK_END
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, Protocol

from passerelle.stages.decode.flattening import (
    MAX_DEPTH,
    RecordReader,
    choose_columns,
    note_columns,
    spread_empty_objects,
)
from passerelle.stages.decode.inside import Inside
from passerelle.stages.decode.kinds import check_kind, describe_flaw
from passerelle.stages.decode.linking import Linking
from passerelle.stages.decode.listings import Present, RecordListing, find_listings, flatten_above, split_path
from passerelle.stages.decode.loaded import LoadedDocument
from passerelle.stages.decode.malformed import explain_malformed_json, is_surely_cut
from passerelle.stages.decode.strict import MalformedError, is_marked, loads
from passerelle.stages.decode.tables import DecodedRecord, add_warnings, iter_batches, set_progress
from passerelle.stages.decode.unread import UnreadTally
from passerelle.stages.decode.window import Walk
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.stages.decode.dialects import Json
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.stages.decode.unread import Way
    from passerelle.vocabulary.parcels import DecodedBatch

LONG = 8 << 20
"""Bytes beyond which a document stays in its file, and is read as often as is needed."""
QUICK = 64 << 10
"""Bytes from which a document is first tried quickly, by columns: for a few records, that is no gain."""
MAX_DOCUMENT = 256 << 20
"""Most bytes of a document that has to be in memory as a whole: one that is not UTF-8."""
MAX_LINE = 16 << 20


def read(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    """Read a document, or a document a line."""
    stream.seek(0)
    if dialect.lines:
        return _read_lines(stream, dialect, block_rows, numbering)
    return _read_document(stream, dialect, block_rows, numbering)


def _read_document(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    size = stream.seek(0, SEEK_END)
    if size >= QUICK and not is_surely_cut(stream):
        from passerelle.stages.decode import quick  # noqa: PLC0415  a run of small documents starts without it

        batches = quick.read(stream, dialect, block_rows, numbering, is_long=size > LONG)
        if batches is not None:
            yield from batches
            return
    yield from _read_exactly(stream, dialect, block_rows, numbering)


def _read_exactly(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    """Read a document value by value: what is right, and the words for what is wrong."""
    wrong = None
    stream.seek(0)
    try:
        document = _open_document(stream)
        check_kind(document.get_value, dialect.kind)
        inside = Inside.of(dialect)
        reader = RecordReader(inside, flatten_above(document, dialect.above), Linking(dialect))
        listings, warned = find_listings(document, dialect, reader.linking, partial(_note_records, reader))
    except MalformedError as fault:
        wrong = _make_error(fault, stream)
    if wrong:  # raised here, so that it hangs on nothing
        raise wrong
    batches = chain.from_iterable(_read_listing(listing, reader, block_rows, numbering) for listing in listings)
    size = stream.seek(0, SEEK_END)
    yield from set_progress(add_warnings(batches, warned), size, sum(listing.count for listing in listings))


def _note_records(reader: RecordReader, listing: RecordListing[_Walk], walk: _Walk) -> None:
    for item in walk.iter_records():
        listing.count += 1
        note_columns(listing.columns, reader.note_cells(listing.count, item).items())


def _make_error(fault: MalformedError, stream: IO[bytes]) -> ParcelError:
    if fault.deep:
        return ParcelError("decode.parcel.too_deep", limit=str(MAX_DEPTH))
    if fault.flaw:
        return ParcelError(
            "decode.parcel.flawed", declared="JSON", line=str(fault.line), what=describe_flaw(fault.flaw)
        )
    return explain_malformed_json(stream, fault.line)


def _open_document(stream: IO[bytes]) -> LoadedDocument | _StreamedDocument:
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
        return LoadedDocument(loads(content))
    except MalformedError as fault:
        if not fault.flaw or is_marked(head):
            raise
    # Read record by record, so that what is flawed costs its own record only.
    return _StreamedDocument(stream)


class _Walk(Present, Protocol):
    """What stands at one path, record by record."""

    def iter_records(self) -> Iterator[Any]:
        """Return the records."""
        ...


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


def _read_listing(
    listing: RecordListing[_Walk], reader: RecordReader, block_rows: int, numbering: Numbering
) -> Iterator[DecodedBatch]:
    """Return the records of one list. All have the same columns: those of the whole list, in order of appearance."""
    names, objects = choose_columns(listing.columns)
    items = enumerate(chain.from_iterable(walk().iter_records() for walk in listing.walks), start=1)
    records = (spread_empty_objects(reader.record(place, item), objects, names) for place, item in items)
    return iter_batches(listing.member, records, block_rows, numbering, columns=names)


def _read_lines(stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    member = next(iter(dialect.lists.values()), "")
    # Lines have no addresses: one cannot refer to another.
    reader = RecordReader(Inside.of(dialect), {}, Linking(replace(dialect, addresses=())))
    tally = UnreadTally()
    records = _iter_line_records(stream, dialect, reader, tally)
    first = next(records, None)
    if first is None:
        raise ParcelError("decode.parcel.empty")
    for decoded in iter_batches(member, chain([first], records), block_rows, numbering, tally=tally):
        yield replace(decoded, consumed=stream.tell())


def _iter_line_records(
    stream: IO[bytes], dialect: Json, reader: RecordReader, tally: UnreadTally
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
    number: int, line: bytes, dialect: Json, reader: RecordReader, tally: UnreadTally
) -> Iterator[DecodedRecord]:
    raw = line.decode("utf-8", "replace").rstrip("\r\n")
    try:
        document = LoadedDocument(loads(line))
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
