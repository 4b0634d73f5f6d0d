"""Canonical JSON of many records, kept as one text until somebody wants a single one."""

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
"""Lines that are copied at a time: memory is used again."""


def concatenate_bytes(texts: pl.Series) -> NDArray[np.uint8]:
    """Give the bytes of all texts, one after the other."""
    octets = texts.cast(pl.Binary).cast(pl.List(pl.UInt8))
    return octets.explode(empty_as_null=False, keep_nulls=False).to_numpy()


class Bodies(Sequence[bytes]):
    """Bodies that whoever writes files can take all at once. Its repr shows none of them.

    In `text` each is followed by a line feed, which is not part of it, and by the next one or by some left out.
    """

    __slots__ = ("_ends", "_starts", "_text")

    def __init__(self, text: memoryview, starts: Places, ends: Places) -> None:
        self._text = text
        self._starts = starts
        self._ends = ends

    @classmethod
    def from_lines(cls, lines: pl.Series) -> Self:
        """Take bodies that are all closed by a line feed."""
        sizes = lines.str.len_bytes().cast(pl.Int64).to_numpy()
        ends = np.cumsum(sizes)
        starts = ends - sizes
        text = np.empty(int(sizes.sum()), dtype=np.uint8)
        for first in range(0, len(lines), _AT_ONCE):
            some = concatenate_bytes(lines[first : first + _AT_ONCE])
            text[starts[first] : starts[first] + len(some)] = some
        return cls(text.data, starts, ends - 1)

    def __len__(self) -> int:
        """Count the bodies."""
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Bodies: ...
    def __getitem__(self, index: int | slice) -> bytes | Bodies:
        """Give one body, or some."""
        if isinstance(index, slice):
            return Bodies(self._text, self._starts[index], self._ends[index])
        return bytes(self._text[self._starts[index] : self._ends[index]])

    def select(self, places: Places) -> Bodies:
        """Keep some bodies, in their order."""
        return Bodies(self._text, self._starts[places], self._ends[places])

    def iter_without_tails(self, tails: Places) -> Iterator[memoryview]:
        """Give each body without its last bytes, so many as `tails` says."""
        ends = (self._ends - tails).tolist()
        return (self._text[start:end] for start, end in zip(self._starts.tolist(), ends, strict=True))

    def iter_lines(self) -> Iterator[memoryview]:
        """Give all bodies with their line feeds: those that stand together in one piece, without a copy."""
        if not len(self):
            return iter(())
        apart = np.flatnonzero(self._starts[1:] != self._ends[:-1] + 1)
        firsts, lasts = self._starts[np.append(0, apart + 1)], self._ends[np.append(apart, -1)]
        return (self._text[first : last + 1] for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True))
