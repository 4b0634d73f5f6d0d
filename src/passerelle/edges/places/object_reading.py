"""Reads an object by ranges: a small one comes whole with the first answer, a large one in windows as it is read."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.vocabulary.ports import Reply

    ReadRange = Callable[[int, int, str], Reply]
    """Reads so many bytes from an offset on, of the object that has this tag; an empty one: whichever is there."""

FIRST = (1 << 20) + (64 << 10)
"""Bytes asked for first: most parcels are smaller."""
WINDOW = 4 << 20
"""Bytes asked for where an object is read on; elsewhere as many as are wanted."""


class ObjectFile(io.RawIOBase):
    """An object, seekable. What is read is one object: when another takes its name meanwhile, reading ends."""

    def __init__(self, read_range: ReadRange, pauses: tuple[float, ...], size: int, tag: str, first: bytes) -> None:
        self._read_range = read_range
        self._pauses = pauses
        self._size = size
        self._tag = tag
        self._first = first
        self._window = (len(first), b"")
        self._position = 0

    @classmethod
    def begin(cls, read_range: ReadRange, pauses: tuple[float, ...]) -> ObjectFile:
        """Open an object. Raises FileNotFoundError, OSError for an empty one, TransientError `incident.depot.away`."""
        for pause in (*pauses, None):
            reply = read_range(0, FIRST, "")
            if reply.status == 404:
                raise FileNotFoundError
            if reply.status not in (200, 206):
                raise OSError("nothing can be read")
            tag, content = reply.headers.get("etag", ""), reply.content
            if reply.status == 200:  # a store without ranges, or an object that the range holds whole
                return cls(read_range, pauses, len(content), tag, content)
            total = reply.headers.get("content-range", "").rpartition("/")[2]
            if total.isascii() and total.isdigit() and len(content) == min(FIRST, int(total)):
                return cls(read_range, pauses, int(total), tag, content)
            _wait(pause)
        raise TransientError("incident.depot.away")

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return true."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position."""
        self._position = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence] + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, fewer at the end only; without a number all that is left."""
        end = self._size if size < 0 else min(self._size, self._position + size)
        pieces = []
        while self._position < end:
            piece = self._find_piece(end)
            pieces.append(piece)
            self._position += len(piece)
        return b"".join(pieces)

    def _find_piece(self, end: int) -> bytes:
        position = self._position
        if position < len(self._first):
            return self._first[position:end]
        start, window = self._window
        if not start <= position < start + len(window):
            is_read_on = position == start + len(window)
            size = min(WINDOW if is_read_on else end - position, self._size - position)
            start, window = self._window = position, self._fetch(position, min(size, WINDOW))
        return window[position - start : end - start]

    def _fetch(self, start: int, size: int) -> bytes:
        for pause in (*self._pauses, None):
            reply = self._read_range(start, size, self._tag)
            if reply.status != 206:
                break
            if len(reply.content) == size:
                return reply.content
            _wait(pause)
        raise TransientError("incident.depot.away")


def _wait(pause: float | None) -> None:
    if pause is not None:
        time.sleep(pause)
