"""Numbers of batches: the same parcel and sizes give the same numbers, whichever batches are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container


class Numbering:
    """Counts batches. A batch that is not wanted still takes its number."""

    def __init__(self, skip: Container[int]) -> None:
        self._skip = skip
        self._next = 0

    def take(self) -> int | None:
        """Return the number of the next batch, or None when that batch is not wanted."""
        number = self._next
        self._next += 1
        return None if number in self._skip else number
