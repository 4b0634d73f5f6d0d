"""The canonical JSON of many records, kept as one text and cut on demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self, overload

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Places = NDArray[np.int64]


_AT_ONCE = 4096
"""Lines copied at a time, so that the intermediate arrays stay small and their memory is reused."""


def concatenate_bytes(texts: pl.Series) -> NDArray[np.uint8]:
    """Return the bytes of all texts, concatenated."""
    # polars has no concatenation of a column into bytes: exploding lists of bytes is the one way without Python rows.
    octets = texts.cast(pl.Binary).cast(pl.List(pl.UInt8))
    return octets.explode(empty_as_null=False, keep_nulls=False).to_numpy()


class Bodies(Sequence[bytes]):
    """A sequence of JSON bodies in one buffer, so that writers of files can copy many at once. Its repr shows none.

    In the buffer each body is followed by a line feed, which is not part of it; bodies that were left out may follow.
    """

    __slots__ = ("_ends", "_starts", "_text")

    def __init__(self, text: memoryview, starts: Places, ends: Places) -> None:
        self._text = text
        self._starts = starts
        self._ends = ends

    @classmethod
    def from_lines(cls, lines: pl.Series) -> Self:
        """Build from texts that all end with a line feed."""
        sizes = lines.str.len_bytes().cast(pl.Int64).to_numpy()
        ends = np.cumsum(sizes)
        starts = ends - sizes
        text = np.empty(int(sizes.sum()), dtype=np.uint8)
        for first in range(0, len(lines), _AT_ONCE):
            octets = concatenate_bytes(lines[first : first + _AT_ONCE])
            text[starts[first] : starts[first] + len(octets)] = octets
        return cls(text.data, starts, ends - 1)

    def __len__(self) -> int:
        """Return the number of bodies."""
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Bodies: ...
    def __getitem__(self, index: int | slice) -> bytes | Bodies:
        """Return one body as bytes, or a slice of the sequence without a copy."""
        if isinstance(index, slice):
            return Bodies(self._text, self._starts[index], self._ends[index])
        return bytes(self._text[self._starts[index] : self._ends[index]])

    def select(self, places: Places) -> Bodies:
        """Return the bodies at these places, in their order, without a copy."""
        return Bodies(self._text, self._starts[places], self._ends[places])

    @property
    def sizes(self) -> Places:
        """Return how many bytes each body has."""
        return self._ends - self._starts

    def join(self) -> bytes:
        """Return all bodies as one text, without their line feeds."""
        # a view is cut without a copy: made as bytes first, each body would be copied twice
        return b"".join(self.iter_without_tails(np.zeros(len(self), dtype=np.int64)))

    def iter_without_tails(self, tails: Places) -> Iterator[memoryview]:
        """Yield each body without its last `tails[i]` bytes."""
        ends = (self._ends - tails).tolist()
        return (self._text[start:end] for start, end in zip(self._starts.tolist(), ends, strict=True))

    def iter_lines(self) -> Iterator[memoryview]:
        """Yield all bodies with their line feeds, without a copy; adjacent ones in one piece."""
        if not len(self):
            return iter(())
        # A body that does not begin right behind the line feed of the one before starts a new piece.
        apart = np.flatnonzero(self._starts[1:] != self._ends[:-1] + 1)
        firsts, lasts = self._starts[np.append(0, apart + 1)], self._ends[np.append(apart, -1)]
        return (self._text[first : last + 1] for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True))
