"""Canonical JSON of many records, kept as one column until somebody wants a single one."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

_AT_ONCE = 4096


class Bodies(Sequence[bytes]):
    """Bodies that whoever writes files can take all at once. Its repr shows none of them."""

    __slots__ = ("_column",)

    def __init__(self, column: pl.Series) -> None:
        self._column = column

    def __len__(self) -> int:
        """Count the bodies."""
        return len(self._column)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Bodies: ...
    def __getitem__(self, index: int | slice) -> bytes | Bodies:
        """Give one body, or some."""
        if isinstance(index, slice):
            return Bodies(self._column[index])
        body: str = self._column[index]
        return body.encode()

    def __iter__(self) -> Iterator[bytes]:
        """Give the bodies one by one."""
        return (body.encode() for body in self._column)

    def lines(self) -> Iterator[bytes]:
        """Give all bodies, each closed by a line feed, some thousands at a time: memory is used again.

        A table of one column that quotes nothing is just that, and is written without making any Python text.
        """
        for start in range(0, len(self._column), _AT_ONCE):
            piece = BytesIO()
            some = self._column[start : start + _AT_ONCE].to_frame()
            some.write_csv(piece, include_header=False, quote_style="never")
            yield piece.getvalue()
