"""A long JSON document cut before it is parsed: its lists of records in parts, and what stands around them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from passerelle.stages.decode.unread import Way

PART = 1 << 20
"""Bytes read at a time: what is parsed at once, but for records that are longer."""
MAX_PART = 16 << 20
"""Bytes of the longest record that is cut out."""
MAX_AROUND = 8 << 20
"""Most bytes around the lists of records: these are held."""
DEEP = 64
"""Depth from which a record is read by the exact reader: it has its own words for what is nested without end."""
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{}:]', re.DOTALL)
_QUOTE = 34
_MARK = b"\xef\xbb\xbf"


class OddDocumentError(Exception):
    """The quick reader is not sure of the document: the exact one reads it, and finds the words for any fault."""


@dataclass(frozen=True, slots=True)
class ListPart:
    """Some whole items of a list, with the comma before them: where they stand in the file, in bytes."""

    way: Way
    """Steps from the document to the list."""
    start: int
    size: int
    first: bool
    """Whether the list begins with them."""
    deep: bool
    """Whether something in them is nested deeper than `DEEP`."""


class Outline:
    """Cuts a document of UTF-8. Nothing is judged here: each part, and what stands around, is parsed afterwards.

    A list is cut when it is the first on its way, from the document to something that `ways` names.
    """

    def __init__(self, stream: IO[bytes], ways: Iterable[Way]) -> None:
        self._stream = stream
        self._lists = {way[:size] for way in ways for size in range(len(way) + 1)}
        self._longest = max(map(len, self._lists))
        self.around = bytearray()
        """The document, with one `0` instead of the items of each list that was cut; complete after the last part."""
        self.found: set[Way] = set()
        """Where the lists stand that were cut."""
        self._data = b""
        self._place = 0
        self._offset = 0
        self._keys: list[bytes | None] = []
        """By open object or list: the last key (as written) or None."""
        self._text = b""

    def iter_parts(self) -> Iterator[tuple[ListPart, bytes]]:
        """Yield the parts of all lists, in the order of the document, with their bytes. Raises OddDocumentError."""
        self._stream.seek(0)
        self._load()
        if self._data.startswith(_MARK):
            self._place = len(_MARK)
        while (way := self._reach_list()) is not None:
            if way in self.found:  # a key that stands twice
                raise OddDocumentError
            self.found.add(way)
            yield from self._cut_list(way)
        self.around += self._data[self._place :]

    def _load(self) -> bool:
        """Forget what was taken and read on; False at the end. What is read never ends inside of an escape."""
        fresh = self._stream.read(PART)
        while fresh.endswith(b"\\") and (more := self._stream.read(1)):
            if len(fresh) > MAX_PART:
                raise OddDocumentError
            fresh += more
        self._offset += self._place
        self._data = self._data[self._place :] + fresh
        self._place = 0
        return bool(fresh)

    def _reach_list(self) -> Way | None:
        """Go on to the first item of the next list that is wanted; None at the end of the document."""
        while True:
            start = self._place
            way = self._take_tokens()
            self.around += self._data[start : self._place]
            if len(self.around) + len(self._data) - self._place > MAX_AROUND:
                raise OddDocumentError
            if way is not None:
                return way
            if not self._load():
                return None

    def _take_tokens(self) -> Way | None:
        """Go through the window, up to a list that is wanted or to a text that the window cuts off."""
        keys = self._keys
        for found in _TOKEN.finditer(self._data, self._place):
            token = found[0]
            if token == b'"':
                return None
            self._place = found.end()
            match token:
                case b"{":
                    keys.append(b"")
                case b"[":
                    way = self._find_way()
                    keys.append(None)
                    if way in self._lists:
                        return way
                case b"}" | b"]" | b":" if not keys:
                    raise OddDocumentError
                case b"}" | b"]":
                    keys.pop()
                case b":":
                    keys[-1] = self._text
                case _:
                    self._text = token
        self._place = len(self._data)  # what is no token of these is cut off anywhere
        return None

    def _find_way(self) -> Way | None:
        """Return the steps to where the window stands; None inside of a list, or deeper than what is wanted."""
        if len(self._keys) > self._longest:
            return None
        steps: list[str] = []
        for key in self._keys:
            if not key:
                return None
            try:
                steps.append(json.loads(key))
            except ValueError:
                steps = []
                break
        if len(steps) < len(self._keys):
            raise OddDocumentError
        return tuple(steps)

    def _cut_list(self, way: Way) -> Iterator[tuple[ListPart, bytes]]:
        """Yield the parts of a list. Its end is left to be taken."""
        depths, pending, begin, first, deep = Depths(), b"", self._offset + self._place, True, False
        is_empty = True
        while True:
            fresh = self._data[self._place :]
            cut, closed = depths.find_cut(fresh)
            deep = deep or depths.deepest > DEEP
            if cut >= 0:
                body = pending + fresh[:cut]
                is_empty = is_empty and not body.strip(b" \t\r\n")
                yield ListPart(way, begin, len(body), first, deep), body
                begin, first, deep, pending, fresh = begin + len(body), False, False, b"", fresh[cut:]
            if closed:
                self._place = len(self._data) - len(fresh)
                self.around += b"" if is_empty else b"0"
                return
            pending += fresh
            self._place = len(self._data)
            if len(pending) > MAX_PART or not self._load():
                raise OddDocumentError


class Depths:
    """Follows quotes and brackets through the pieces of a list, whatever else stands there."""

    def __init__(self) -> None:
        self._quoted = 0
        self._depth = 0
        self.deepest = 0
        """In the piece that was looked at last."""

    def find_cut(self, piece: bytes) -> tuple[int, bool]:
        """Return the place behind the last whole item of a piece that is an object or list (-1: none).

        Where the list ends in the piece, return the place of its end, and True.
        """
        places, steps = self._find_brackets(piece)
        depths = np.cumsum(steps) + self._depth
        self.deepest = int(depths.max(initial=self._depth))
        if depths.size:
            self._depth = int(depths[-1])
        if depths.min(initial=0) < 0:
            return int(places[np.argmax(depths < 0)]), True
        ends = np.flatnonzero((depths == 0) & (steps < 0))
        return (int(places[ends[-1]]) + 1, False) if ends.size else (-1, False)

    def _find_brackets(self, piece: bytes) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Return the places of brackets that are not in a text, and for each 1 when it opens, -1 when it closes."""
        if b"\\" in piece:
            # pairs from the left, as a reader takes them: what is left before a quote escapes it
            piece = piece.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        data = np.frombuffer(piece, dtype=np.uint8)
        folded = data | 0x20  # [ and { differ by this bit, as do ] and }
        places = np.flatnonzero((data == _QUOTE) | (folded == ord("{")) | (folded == ord("}")))
        signs = data[places]
        quotes = signs == _QUOTE
        quoted = (np.cumsum(quotes, dtype=np.uint8) + np.uint8(self._quoted)) & 1  # what overflows keeps its parity
        if quoted.size:
            self._quoted = int(quoted[-1])
        outside = ~quotes & (quoted == 0)
        return places[outside], (signs[outside] & 2).astype(np.int64) - 1
