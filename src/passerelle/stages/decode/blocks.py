"""Blocks of delimited text: bytes are cut into records, and each record is checked, before polars parses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passerelle.stages.decode.cuts import LF, MAX_RECORD, Marks, RecordSpans, find_records
from passerelle.stages.decode.damage import find_damage, find_suspects
from passerelle.stages.decode.walk import FEW, LONG, MANY, Walker
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from passerelle.stages.decode.cuts import Places
    from passerelle.stages.decode.text import Utf8

_FIRST_LOOK = 1 << 12
"""Bytes looked at behind a broken record; twice as much each time all goes well."""
_READ = 1 << 20
"""Fewest bytes read at a time."""
_SLACK = 1 << 16
"""Bytes beyond the block, that its last record most often ends in."""


class Buffer:
    """The next bytes of a source, as many as are asked for."""

    def __init__(self, source: Utf8) -> None:
        self._source = source
        self.data = b""
        self.at_end = False

    def ensure(self, size: int) -> None:
        """Read until the buffer holds at least `size` bytes, or all that there are."""
        while len(self.data) < size and not self.at_end:
            more = self._source.read(max(size - len(self.data), _READ))
            self.at_end = not more
            self.data += more

    def drop(self, size: int) -> None:
        """Drop the first bytes."""
        self.data = self.data[size:]

    def drop_line(self) -> None:
        """Drop the rest of a line, however long it is."""
        while True:
            self.ensure(_SLACK)
            at = self.data.find(b"\n")
            if at >= 0 or self.at_end:
                self.drop(at + 1 if at >= 0 else len(self.data))
                return
            self.data = b""

    @property
    def behind(self) -> int:
        """Bytes of the original that were consumed; approximate where they are not UTF-8."""
        return max(self._source.behind - len(self.data), 0)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes that hold a record which cannot be read."""

    start: int
    end: int
    fault: str
    width: int


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its bytes, the records found in them, and the spans that are not records."""

    data: bytes
    line: int
    """Physical line of its first byte."""
    starts: Places
    stops: Places
    ends: Places
    widths: Places
    returns: NDArray[np.bool_]
    spans: tuple[Span, ...]

    def find_line_ends(self) -> Places:
        """Return the places of all line ends, also those inside cells."""
        return np.flatnonzero(np.frombuffer(self.data, dtype=np.uint8) == LF)

    def count_lines(self, line_ends: Places) -> Places:
        """Return the physical line of each record, counted from 0 in this block."""
        if line_ends.size == self.ends.size and (self.ends - 1 == line_ends).all():
            return np.arange(self.ends.size)
        return np.searchsorted(line_ends, self.starts)


class Cutter:
    """Cuts a text into blocks. The same text and block size give the same blocks; any size gives the same records."""

    def __init__(self, source: Utf8, marks: Marks, *, block_bytes: int) -> None:
        self.buffer = Buffer(source)
        self._marks = marks
        self._limit = max(block_bytes, 1)
        self.line = 1

    def skip_line(self) -> None:
        """Drop one physical line."""
        self.buffer.drop_line()
        self.line += 1

    def take_header(self) -> bytes:
        """Take the first record that is not blank: the names. Raises ParcelError when it is broken or not there."""
        while True:
            self.buffer.ensure(_SLACK)
            if not self.buffer.data:
                raise ParcelError("decode.parcel.empty")
            if not self.buffer.data.startswith((b"\n", b"\r\n")):
                break
            self.skip_line()
        self.buffer.ensure(MAX_RECORD + 1)
        size = min(len(self.buffer.data), MAX_RECORD)
        walked = Walker(self.buffer.data, size, self.buffer.at_end, self._marks, 0).read_record(0)
        if walked.fault:
            raise ParcelError("decode.header.unreadable")
        return self._take(walked.end)

    def cut_next(self, width: int) -> Block | None:
        """Cut the next block: the records that start in its first `block_bytes`. None at the end."""
        pieces: list[RecordSpans] = []
        spans: list[Span] = []
        place, window = 0, self._find_window_size(0)
        while place < self._limit:
            self.buffer.ensure(place + 1)
            if place >= len(self.buffer.data):
                break
            records = self._find_records(place, window, width)
            if len(records):
                pieces.append(records)
                place = int(records.ends[-1])
            can_widen = window < MAX_RECORD and (place + window < len(self.buffer.data) or not self.buffer.at_end)
            if records.blocked or (not len(records) and not can_widen):
                # The vectorised search cannot say where a broken record ends: only the exact reader can.
                spans.append(self._walk_broken(place, width))
                place, window = spans[-1].end, _FIRST_LOOK
                # Cut for its length, or the last one: `_take` drops the rest of the line, so the block ends here.
                if self.buffer.data[place - 1] != LF:
                    break
            else:
                window = min(window * 2, self._find_window_size(place)) if len(records) else window * 4
        if not place:
            return None
        pieces = pieces or [find_records(np.zeros(0, dtype=np.uint8), Marks(0, -1), 0, at_end=True)]
        line = self.line  # read before `_take`, which moves it on
        return Block(
            self._take(place),
            line,
            np.concatenate([piece.starts for piece in pieces]),
            np.concatenate([piece.stops for piece in pieces]),
            np.concatenate([piece.ends for piece in pieces]),
            np.concatenate([piece.widths for piece in pieces]),
            np.concatenate([piece.returns for piece in pieces]),
            tuple(spans),
        )

    def _find_window_size(self, place: int) -> int:
        return max(self._limit - place, 0) + _SLACK

    def _find_records(self, place: int, window: int, width: int) -> RecordSpans:
        self.buffer.ensure(place + window)
        size = min(window, len(self.buffer.data) - place)
        data = np.frombuffer(self.buffer.data, dtype=np.uint8, count=size, offset=place)
        at_end = self.buffer.at_end and place + size == len(self.buffer.data)
        records = find_records(data, self._marks, width, at_end=at_end)
        within = int(np.searchsorted(records.starts, self._limit - place))
        blocked = records.blocked and within == len(records) and (not within or place + records.ends[-1] < self._limit)
        records = records.keep_first(within, blocked=blocked)
        return RecordSpans(
            records.starts + place,
            records.stops + place,
            records.ends + place,
            records.widths,
            records.returns,
            blocked=blocked,
        )

    def _walk_broken(self, place: int, width: int) -> Span:
        self.buffer.ensure(place + MAX_RECORD + 1)
        limit = min(len(self.buffer.data), place + MAX_RECORD)
        at_end = self.buffer.at_end and limit == len(self.buffer.data)
        end, fault, found_width = Walker(self.buffer.data, limit, at_end, self._marks, width).find_span(place)
        return Span(place, end, fault, found_width)

    def _take(self, size: int) -> bytes:
        """Take bytes from the buffer, and drop the rest of their last line where a record was cut for its length."""
        data = self.buffer.data[:size]
        self.buffer.drop(size)
        self.line += int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == LF))
        self.buffer.ensure(1)
        if not data.endswith(b"\n") and self.buffer.data:
            self.skip_line()
        return data


@dataclass(frozen=True, slots=True)
class JudgedBlock:
    """A block after the check of its records: bytes of the good ones, their lines, and what is set aside."""

    good: bytes
    count: int
    lines: NDArray[np.uint32]
    aside: tuple[SetAside, ...]


def check_records(block: Block, width: int, member: str) -> JudgedBlock:
    """Separate the records of a block: those with the right width and sound text, and the others with their reason."""
    blank = block.starts == block.stops
    faulty = (block.widths != width) | block.returns
    suspects = np.searchsorted(block.ends, find_suspects(np.frombuffer(block.data, dtype=np.uint8)), side="right")
    damage: dict[int, str] = {}
    for index in np.unique(suspects).tolist():
        # A suspect byte behind the last record belongs to a broken span: it has its fault already.
        if index < len(block.starts):
            text = block.data[block.starts[index] : block.stops[index]].decode()
            if code := find_damage(text):
                damage[index] = code
    faulty[list(damage)] = True
    faulty &= ~blank
    line_ends = block.find_line_ends()
    lines = block.line + block.count_lines(line_ends)
    writer = _AsideWriter(block, line_ends, width, member)
    aside = [*writer.list_records(np.flatnonzero(faulty), damage), *map(writer.add_span, block.spans)]
    # Faulty records and broken spans were found apart; people look them up by line.
    aside.sort(key=lambda item: item.place.line)
    is_kept = ~(faulty | blank)
    return JudgedBlock(
        _join_records(block, is_kept), int(is_kept.sum()), lines[is_kept].astype(np.uint32), tuple(aside)
    )


def _join_records(block: Block, is_kept: NDArray[np.bool_]) -> bytes:
    if is_kept.all() and not block.spans:
        return block.data  # the usual case: no copy of the block
    starts, ends = block.starts[is_kept], block.ends[is_kept]
    if not starts.size:
        return b""
    gap = starts[1:] != ends[:-1]
    firsts, lasts = starts[np.append(True, gap)], ends[np.append(gap, True)]
    return b"".join([block.data[first:last] for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)])


class _AsideWriter:
    """Makes `SetAside` entries of a block's records and spans, with their lines."""

    def __init__(self, block: Block, line_ends: Places, width: int, member: str) -> None:
        self._block = block
        self._line_ends = line_ends
        self._width = width
        self._member = member

    def list_records(self, indexes: Places, damage: dict[int, str]) -> Iterator[SetAside]:
        """Yield the entries of faulty records; `damage` are the faults of those that have no other."""
        block = self._block
        starts, stops, widths = block.starts[indexes], block.stops[indexes], block.widths[indexes]
        lines = self._find_lines(starts, stops)
        rows = zip(indexes.tolist(), starts.tolist(), stops.tolist(), widths.tolist(), lines, strict=True)
        for index, start, stop, width, found in rows:
            if block.returns[index]:
                fault = "decode.row.lone_return"
            elif width != self._width:
                fault = FEW if width < self._width else MANY
            else:
                fault = damage[index]
            yield self._set_aside(start, stop, fault, width, found)

    def add_span(self, span: Span) -> SetAside:
        (lines,) = self._find_lines(np.array([span.start]), np.array([span.end]))
        return self._set_aside(span.start, span.end, span.fault, span.width, lines)

    def _find_lines(self, starts: Places, stops: Places) -> list[tuple[int, int]]:
        """Return the first and the last line of each piece of the block, counted from its own first."""
        ends = np.maximum(stops - 1, starts)
        firsts, lasts = (np.searchsorted(self._line_ends, places).tolist() for places in (starts, ends))
        return list(zip(firsts, lasts, strict=True))

    def _set_aside(self, start: int, stop: int, fault: str, width: int, lines: tuple[int, int]) -> SetAside:
        raw = self._block.data[start:stop].decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        (first, last), line = lines, self._block.line
        place = Place(line + first, last_line=line + last if last > first else 0, member=self._member)
        details = {"limit": str(MAX_RECORD)} if fault == LONG else {}
        if fault in {FEW, MANY}:
            details = {"found": str(width), "expected": str(self._width)}
        return SetAside(Fate.UNREADABLE, fault, place, raw=raw, details=details)
