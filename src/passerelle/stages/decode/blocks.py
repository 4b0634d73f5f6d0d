"""Blocks of delimited text: bytes are cut into records, and each record is judged, before any parser sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.stages.decode.cuts import LF, MAX_RECORD, Marks, Records, look
from passerelle.stages.decode.damage import damage_of, doubtful
from passerelle.stages.decode.walk import FEW, LONG, MANY, Walker
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.parcels import Place

if TYPE_CHECKING:
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
    """The bytes ahead, as many as are asked for."""

    def __init__(self, source: Utf8) -> None:
        self._source = source
        self.data = b""
        self.at_end = False

    def ensure(self, size: int) -> None:
        """Have at least `size` bytes, or all that there are."""
        while len(self.data) < size and not self.at_end:
            more = self._source.read(max(size - len(self.data), _READ))
            self.at_end = not more
            self.data += more

    def drop(self, size: int) -> None:
        """Leave the first bytes behind."""
        self.data = self.data[size:]

    def drop_line(self) -> None:
        """Leave the rest of a line behind, however long it is."""
        while True:
            self.ensure(_SLACK)
            found = self.data.find(b"\n")
            if found >= 0 or self.at_end:
                self.drop(found + 1 if found >= 0 else len(self.data))
                return
            self.data = b""

    @property
    def behind(self) -> int:
        """Bytes of the original that are behind; approximate where they are not UTF-8."""
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

    def line_ends(self) -> Places:
        """Places of all line ends, also those inside cells."""
        return np.flatnonzero(np.frombuffer(self.data, dtype=np.uint8) == LF)

    def lines(self, line_ends: Places) -> Places:
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
        """Leave one physical line behind."""
        self.buffer.drop_line()
        self.line += 1

    def header(self) -> bytes:
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
        found = Walker(self.buffer.data, size, self.buffer.at_end, self._marks, 0).walk(0)
        if found.fault:
            raise ParcelError("decode.header.unreadable")
        return self._take(found.end)

    def next(self, width: int) -> Block | None:
        """Cut the next block: the records that start in its first `block_bytes`. None at the end."""
        pieces: list[Records] = []
        spans: list[Span] = []
        place, window = 0, self._ahead(0)
        while place < self._limit and self._is_there(place):
            found = self._look(place, window, width)
            if len(found):
                pieces.append(found)
                place = int(found.ends[-1])
            if found.blocked or (not len(found) and not self._can_widen(place, window)):
                spans.append(self._walk(place, width))
                place, window = spans[-1].end, _FIRST_LOOK
                if self.buffer.data[place - 1] != LF:
                    break
            else:
                window = min(window * 2, self._ahead(place)) if len(found) else window * 4
        return self._block(place, pieces, spans) if place else None

    def _ahead(self, place: int) -> int:
        return max(self._limit - place, 0) + _SLACK

    def _is_there(self, place: int) -> bool:
        self.buffer.ensure(place + 1)
        return place < len(self.buffer.data)

    def _look(self, place: int, window: int, width: int) -> Records:
        self.buffer.ensure(place + window)
        size = min(window, len(self.buffer.data) - place)
        data = np.frombuffer(self.buffer.data, dtype=np.uint8, count=size, offset=place)
        at_end = self.buffer.at_end and place + size == len(self.buffer.data)
        found = look(data, self._marks, width, at_end=at_end)
        within = int(np.searchsorted(found.starts, self._limit - place))
        blocked = found.blocked and within == len(found) and (not within or place + found.ends[-1] < self._limit)
        found = found.first(within, blocked=blocked)
        return Records(
            found.starts + place, found.stops + place, found.ends + place, found.widths, found.returns, blocked=blocked
        )

    def _can_widen(self, place: int, window: int) -> bool:
        return window < MAX_RECORD and (place + window < len(self.buffer.data) or not self.buffer.at_end)

    def _walk(self, place: int, width: int) -> Span:
        self.buffer.ensure(place + MAX_RECORD + 1)
        limit = min(len(self.buffer.data), place + MAX_RECORD)
        at_end = self.buffer.at_end and limit == len(self.buffer.data)
        end, fault, found = Walker(self.buffer.data, limit, at_end, self._marks, width).span(place)
        return Span(place, end, fault, found)

    def _block(self, size: int, pieces: list[Records], spans: list[Span]) -> Block:
        pieces = pieces or [_no_records()]
        line = self.line
        return Block(
            self._take(size),
            line,
            np.concatenate([piece.starts for piece in pieces]),
            np.concatenate([piece.stops for piece in pieces]),
            np.concatenate([piece.ends for piece in pieces]),
            np.concatenate([piece.widths for piece in pieces]),
            np.concatenate([piece.returns for piece in pieces]),
            tuple(spans),
        )

    def _take(self, size: int) -> bytes:
        """Leave bytes behind, and the rest of their last line where a record was cut for its length."""
        data = self.buffer.data[:size]
        self.buffer.drop(size)
        self.line += int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == LF))
        self.buffer.ensure(1)
        if not data.endswith(b"\n") and self.buffer.data:
            self.skip_line()
        return data


def _no_records() -> Records:
    return look(np.zeros(0, dtype=np.uint8), Marks(0, -1), 0, at_end=True)


@dataclass(frozen=True, slots=True)
class Judged:
    """A block with a verdict on each record: bytes of the good ones, their lines, and what is set aside."""

    good: bytes
    count: int
    lines: NDArray[np.uint32]
    aside: tuple[SetAside, ...]


def judge(block: Block, width: int, member: str) -> Judged:
    """Sort the records of a block: those with the right width and sound text, and the others with their reason."""
    blank = block.starts == block.stops
    faulty = (block.widths != width) | block.returns
    suspects = np.searchsorted(block.ends, doubtful(np.frombuffer(block.data, dtype=np.uint8)), side="right")
    damage = _damage(block, np.unique(suspects))
    faulty[list(damage)] = True
    faulty &= ~blank
    line_ends = block.line_ends()
    lines = block.line + block.lines(line_ends)
    clerk = _Clerk(block, line_ends, width, member)
    aside = [clerk.record(int(index), damage) for index in np.flatnonzero(faulty)]
    aside += [clerk.span(span) for span in block.spans]
    aside.sort(key=lambda item: item.place.line)
    kept = ~(faulty | blank)
    return Judged(_only(block, kept), int(kept.sum()), lines[kept].astype(np.uint32), tuple(aside))


def _damage(block: Block, suspects: Places) -> dict[int, str]:
    found: dict[int, str] = {}
    for index in suspects.tolist():
        if index < len(block.starts) and (code := damage_of(_text(block, index))):
            found[index] = code
    return found


def _text(block: Block, index: int) -> str:
    return block.data[block.starts[index] : block.stops[index]].decode()


def _only(block: Block, kept: NDArray[np.bool_]) -> bytes:
    if kept.all() and not block.spans:
        return block.data
    starts, ends = block.starts[kept], block.ends[kept]
    if not starts.size:
        return b""
    gap = starts[1:] != ends[:-1]
    firsts, lasts = starts[np.append(True, gap)], ends[np.append(gap, True)]
    return b"".join([block.data[first:last] for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)])


class _Clerk:
    """Writes down what is set aside, with its lines."""

    def __init__(self, block: Block, line_ends: Places, width: int, member: str) -> None:
        self._block = block
        self._line_ends = line_ends
        self._width = width
        self._member = member

    def record(self, index: int, damage: dict[int, str]) -> SetAside:
        block = self._block
        width = int(block.widths[index])
        if block.returns[index]:
            fault = "decode.row.lone_return"
        elif width != self._width:
            fault = FEW if width < self._width else MANY
        else:
            fault = damage[index]
        return self._aside(int(block.starts[index]), int(block.stops[index]), fault, width)

    def span(self, span: Span) -> SetAside:
        return self._aside(span.start, span.end, span.fault, span.width)

    def _aside(self, start: int, stop: int, fault: str, width: int) -> SetAside:
        raw = self._block.data[start:stop].decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        first, last = np.searchsorted(self._line_ends, [start, max(stop - 1, start)]).tolist()
        line = self._block.line
        place = Place(line + first, last_line=line + last if last > first else 0, member=self._member)
        return SetAside(Fate.UNREADABLE, fault, place, raw=raw, facts=self._facts(fault, width))

    def _facts(self, fault: str, width: int) -> dict[str, str]:
        if fault in {FEW, MANY}:
            return {"found": str(width), "expected": str(self._width)}
        return {"limit": str(MAX_RECORD)} if fault == LONG else {}
