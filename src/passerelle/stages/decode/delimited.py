"""Decoding of delimited text: a file, or a zip of files, becomes tables, block by block."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, TYPE_CHECKING

import polars as pl

from passerelle.documents.archives import CSV_LIMITS
from passerelle.documents.table_page import is_web_page
from passerelle.stages.decode import blocks
from passerelle.stages.decode.archive import open_members, open_single
from passerelle.stages.decode.blocks import Block, Cutter
from passerelle.stages.decode.composing import can_be_uncomposed
from passerelle.stages.decode.cuts import Marks
from passerelle.stages.decode.dialects import FixedWidth
from passerelle.stages.decode.fixed_width import LINE, cut_lines
from passerelle.stages.decode.header import make_names
from passerelle.stages.decode.layout import HEAD, TextLayout, find_layout, parse_cells
from passerelle.stages.decode.text import DetectedEncoding, Utf8, detect_encoding
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.grouped_names import join_names
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.openpgp import is_message
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
    layout: TextLayout
    warned: tuple[RowWarning, ...]

    def open_cutter(self, block_bytes: int) -> tuple[Cutter, tuple[str, ...]]:
        """Open the file and read its column names; the cutter then stands before the first row."""
        text, dialect = Utf8(self.open_text(), self.reading), self.layout.dialect
        cutter = Cutter(text, Marks.of(dialect.delimiter, dialect.quote), block_bytes=block_bytes)
        for _line in range(self.layout.skip):
            cutter.skip_line()
        if isinstance(dialect, FixedWidth):
            return cutter, tuple(dialect.columns)
        if dialect.header:
            return cutter, dialect.header
        rows = [
            parse_cells(cutter.take_header().decode("utf-8", "replace"), dialect) for _row in range(dialect.header_rows)
        ]
        if not all(rows):
            raise ParcelError("decode.header.unreadable")
        return cutter, make_names(join_names(rows))


def read(stream: IO[bytes], dialect: Csv, block_bytes: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    """Read every member in the order in which the dialect names them."""
    size = stream.seek(0, 2)
    members = _check_members(stream, dialect)
    total = sum(member.reading.size for member in members)
    before = 0
    for member in members:
        for decoded in _read_member(member, block_bytes, numbering):
            # Progress is counted in bytes of the parcel, which is a zip when it has several members.
            yield replace(decoded, consumed=size * (before + decoded.consumed) // total)
        before += member.reading.size


def read_columns(stream: IO[bytes], dialect: Csv) -> dict[str, tuple[str, ...]]:
    """Read only the column names of each member."""
    return {member.name: member.open_cutter(1)[1] for member in _check_members(stream, dialect)}


def _open_only(stream: IO[bytes]) -> Callable[[], Bytes] | None:
    """Return the opener of the one file of a zip; None for everything else, a workbook or a broken zip among it."""
    try:
        return open_single(stream, CSV_LIMITS)
    except ParcelError as error:
        if error.code == "decode.archive.broken":
            return None
        raise


def _check_members(stream: IO[bytes], dialect: Csv) -> list[_Member]:
    """Check every member before any is read, so that a parcel with a bad one is parked as a whole."""
    if dialect.members:
        openers, notes = open_members(stream, dialect.members, CSV_LIMITS, dialect.delimiter)
    else:

        def rewind() -> IO[bytes]:
            stream.seek(0)
            return stream

        # a zip of one file is that file: supplier portals and mail programs make one without asking
        openers, notes = {"": _open_only(stream) or rewind}, ()
    members: list[_Member] = []
    for name, open_text in openers.items():
        head = open_text().read(4096)
        if is_message(head):
            raise ParcelError("decode.parcel.openpgp")
        if head.startswith(_BINARY):
            raise ParcelError("decode.parcel.not_declared", declared="CSV")
        if is_web_page(head):
            raise ParcelError("decode.parcel.web_page", declared="CSV")
        reading = detect_encoding(open_text, dialect.encoding)
        warned = (RowWarning(code, Place(1, member=name), {"encoding": reading.codec}) for code in reading.warned)
        layout = find_layout(_read_head(Utf8(open_text(), reading)), dialect, name)
        # What the archive lacks is said once: with its first member.
        said = (*(() if members else notes), *warned, *layout.warned)
        members.append(_Member(name, open_text, reading, layout, said))
    # Reads the headers: a bad one is noticed before a row of any member is used.
    for member in members:
        member.open_cutter(1)
    return members


def _read_head(text: Utf8) -> bytes:
    head = b""
    while len(head) < HEAD and (more := text.read(HEAD)):
        head += more
    return head


def _read_member(member: _Member, block_bytes: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    cutter, header = member.open_cutter(block_bytes)
    dialect = member.layout.dialect
    # A line without separators is one cell, which is cut behind the check of its text.
    header = (LINE,) if isinstance(dialect, FixedWidth) else header
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
        columns = tuple(dialect.columns) if isinstance(dialect, FixedWidth) else header
        return DecodedBatch(
            number, TextTable(name, _parse(b"", columns, dialect), pl.Series("line", [], dtype=pl.UInt32))
        )
    judged = blocks.check_records(block, len(header), name)
    frame = _parse(judged.good, header, dialect)
    # The line numbers are ours, the rows are polars': were they counted differently, rows would get wrong lines.
    if frame.height != judged.count:
        raise ParcelError("decode.parcel.miscounted", found=str(frame.height), expected=str(judged.count))
    lines = pl.Series("line", judged.lines, dtype=pl.UInt32)
    # One byte is looked for first, and faster: most texts hold none of these.
    zero_width = any(sign[:1] in judged.good and sign in judged.good for sign in _ZERO_WIDTH)
    uncomposed = can_be_uncomposed(judged.good)
    table = TextTable(name, frame, lines, zero_width, marked=b"#" in judged.good, uncomposed=uncomposed)
    if isinstance(dialect, FixedWidth):
        table, short = cut_lines(table, dialect)
        return DecodedBatch(number, table, tuple(sorted((*judged.aside, *short), key=lambda item: item.place.line)))
    return DecodedBatch(number, table, judged.aside)


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
