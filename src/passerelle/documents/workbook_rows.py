"""The lines that the child process writes of a workbook: names of sheets, then each sheet with its rows."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def iter_rows(output: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Yield number (from 1) and cells of the rows from here to the next sheet; `output` then stands before it."""
    place = output.tell()
    while (line := output.readline()).startswith(b"["):
        number, cells = json.loads(line)
        yield number, cells
        place = output.tell()
    output.seek(place)
