"""How high a row of a sheet must be for its longest text: not every spreadsheet finds out by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = 13.5
"""Points of a line of text at ten points."""
_FULL = 0.98
"""Share of a column's width that words fill on average before they wrap."""
_HIGHEST = 400.0
"""Spreadsheets have no higher rows."""


def height_of(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Give the height in points of a row of wrapped texts, in columns as wide as so many characters."""
    lines = (sum(_lines(part, width) for part in text.split("\n")) for text, width in zip(texts, widths, strict=True))
    return min(max(lines, default=1) * _LINE + 2, _HIGHEST)


def _lines(text: str, width: float) -> int:
    return max(1, -(-len(text) // max(1, int(width * _FULL))))
