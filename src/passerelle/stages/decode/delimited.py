"""Decoding of delimited text: a file, or a zip of files, becomes tables, block by block."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

import polars as pl

from passerelle.documents.archives import CSV_LIMITS
from passerelle.stages.decode import blocks
from passerelle.stages.decode.archive import open_members
from passerelle.stages.decode.blocks import Block, Cutter
from passerelle.stages.decode.cuts import Marks
from passerelle.stages.decode.header import make_names
from passerelle.stages.decode.text import DetectedEncoding, Utf8, detect_encoding
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.parcels import DecodedBatch, TextTable
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.stages.decode.dialects import Csv
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.stages.decode.text import Bytes

_BINARY = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF-", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"PAR1")
_MARK = "\ufeff".encode()
_ZERO_WIDTH = (_MARK, "\u200b".encode())


@dataclass(frozen=True, slots=True)
class _Member:
    """One file, checked and ready to be read from its start."""

    name: str
    open_text: Callable[[], Bytes]
    reading: DetectedEncoding
    warned: tuple[RowWarning, ...]

    def open_cutter(self, dialect: Csv, block_bytes: int) -> tuple[Cutter, tuple[str, ...]]:
        """Open the file and read its column names; the cutter then stands before the first row."""
        text = Utf8(self.open_text(), self.reading)
        cutter = Cutter(text, Marks.of(dialect.delimiter, dialect.quote), block_bytes=block_bytes)
        for _line in range(dialect.skip_lines):
            cutter.skip_line()
        return cutter, dialect.header or make_names(_parse_cells(cutter.take_header(), dialect))


def read(stream: IO[bytes], dialect: Csv, block_bytes: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    """Read every member in the order in which the dialect names them."""
    size = stream.seek(0, 2)
    members = _check_members(stream, dialect)
    total = sum(member.reading.size for member in members)
    before = 0
    for member in members:
        for decoded in _read_member(member, dialect, block_bytes, numbering):
            # Progress is counted in bytes of the parcel, which is a zip when it has several members.
            yield replace(decoded, consumed=size * (before + decoded.consumed) // total)
        before += member.reading.size


def read_columns(stream: IO[bytes], dialect: Csv) -> dict[str, tuple[str, ...]]:
    """Read only the column names of each member."""
    return {member.name: member.open_cutter(dialect, 1)[1] for member in _check_members(stream, dialect)}


def _check_members(stream: IO[bytes], dialect: Csv) -> list[_Member]:
    """Check every member before any is read, so that a parcel with a bad one is parked as a whole."""
    if dialect.members:
        openers, notes = open_members(stream, dialect.members, CSV_LIMITS)
    else:

        def rewind() -> IO[bytes]:
            stream.seek(0)
            return stream

        openers, notes = {"": rewind}, ()
    members: list[_Member] = []
    for name, open_text in openers.items():
        if open_text().read(8).startswith(_BINARY):
            raise ParcelError("decode.parcel.not_declared", declared="CSV")
        reading = detect_encoding(open_text, dialect.encoding)
        warned = (RowWarning(code, Place(1, member=name), {"encoding": reading.codec}) for code in reading.warned)
        # What the archive lacks is said once: with its first member.
        members.append(_Member(name, open_text, reading, (*(() if members else notes), *warned)))
    # Reads the headers: a bad one is noticed before a row of any member is used.
    for member in members:
        member.open_cutter(dialect, 1)
    return members


def _parse_cells(record: bytes, dialect: Csv) -> list[str]:
    text = [record.decode("utf-8", "replace")]
    if dialect.quote:
        reader = csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
    else:
        reader = csv.reader(text, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    try:
        return next(reader)
    except csv.Error:
        raise ParcelError("decode.header.unreadable") from None


def _read_member(member: _Member, dialect: Csv, block_bytes: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    cutter, header = member.open_cutter(dialect, block_bytes)
    warned = member.warned
    block = cutter.cut_next(len(header))
    first = True
    # A member without rows has one batch all the same, so that its columns are seen.
    while block is not None or first:
        number = numbering.take()
        if number is not None:
            consumed = cutter.buffer.behind
            yield replace(_decode_block(number, block, header, dialect, member.name), warned=warned, consumed=consumed)
        warned, first = (), False
        block = cutter.cut_next(len(header))


def _decode_block(number: int, block: Block | None, header: tuple[str, ...], dialect: Csv, name: str) -> DecodedBatch:
    if block is None:
        return DecodedBatch(
            number, TextTable(name, _parse(b"", header, dialect), pl.Series("line", [], dtype=pl.UInt32))
        )
    judged = blocks.check_records(block, len(header), name)
    frame = _parse(judged.good, header, dialect)
    # The line numbers are ours, the rows are polars': were they counted differently, rows would get wrong lines.
    if frame.height != judged.count:
        raise ParcelError("decode.parcel.miscounted", found=str(frame.height), expected=str(judged.count))
    lines = pl.Series("line", judged.lines, dtype=pl.UInt32)
    # One byte is looked for first, and faster: most texts hold none of these.
    zero_width = any(sign[:1] in judged.good and sign in judged.good for sign in _ZERO_WIDTH)
    return DecodedBatch(number, TextTable(name, frame, lines, zero_width, b"#" in judged.good), judged.aside)


def _parse(good: bytes, header: tuple[str, ...], dialect: Csv) -> pl.DataFrame:
    """Parse records whose width is already known to be right: all text, nothing inferred."""
    schema = dict.fromkeys(header, pl.String())
    if not good:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(
        # polars drops one byte-order mark by itself: a first cell that begins with one would lose it.
        _MARK + good if good.startswith(_MARK) else good,
        has_header=False,
        schema=schema,
        separator=dialect.delimiter,
        quote_char=dialect.quote or None,
        empty_string_is_null=False,
        infer_schema=False,
    )
