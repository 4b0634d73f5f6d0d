"""A file of another machine, read piece by piece over connections that may be lost in between."""

from __future__ import annotations

from io import RawIOBase
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class ResumedFile(RawIOBase):
    """Reads `size` bytes of what `open_at(offset)` yields, and opens again where it was after a lost connection.

    At the end it asks `is_same` whether nobody wrote in between: what was read of two states is of neither. Raises
    TransientError `incident.file.unreadable` then, and what `open_at` raises when it cannot go on.
    """

    def __init__(
        self, open_at: Callable[[int], Generator[bytes, None, None]], size: int, is_same: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._open_at, self._size, self._is_same = open_at, size, is_same
        self._offset = 0
        self._pieces: Generator[bytes, None, None] | None = None
        self._ready = memoryview(b"")

    def begin(self) -> None:
        """Read the first piece. Raises TransientError when the file cannot be opened."""
        if self._size:
            self._ready = memoryview(self._read_piece())

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands over
        """Read the next bytes, none at the end."""
        left = self._size - self._offset
        if not left:
            if not self._is_same():
                raise TransientError("incident.file.unreadable")
            return 0
        if not self._ready:
            self._ready = memoryview(self._read_piece())
        count = min(len(buffer), len(self._ready), left)
        if not count:  # shorter than it was said to be
            raise TransientError("incident.file.unreadable")
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        self._offset += count
        return count

    def close(self) -> None:
        """Let go of the connection."""
        if not self.closed:
            self._drop()
        super().close()

    def _read_piece(self) -> bytes:
        """Return the next piece; on a connection that was lost since the last one, once more from where we are."""
        is_fresh = self._pieces is None
        try:
            return self._take_next()
        except TransientError:
            self._drop()
            if is_fresh:
                raise
        return self._take_next()

    def _take_next(self) -> bytes:
        if self._pieces is None:
            self._pieces = self._open_at(self._offset)
        return next(self._pieces, b"")

    def _drop(self) -> None:
        if self._pieces is not None:
            self._pieces.close()
            self._pieces = None
