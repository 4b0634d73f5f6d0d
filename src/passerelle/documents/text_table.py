"""Tables for a terminal: columns as wide as their widest cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def write_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows under their headers, in columns as wide as needed."""
    lines = [tuple(headers), *(tuple(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
