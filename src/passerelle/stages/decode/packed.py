"""Tables of a document's parts, kept small until the document is through: what finds no room is read once more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stages.decode.part_tables import PartTable
from passerelle.stages.decode.tables import DecodedRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ROOM = 48 << 20
"""Most bytes that are kept."""


@dataclass(frozen=True, slots=True)
class _CompressedTable:
    """A table, compressed."""

    frame: bytes
    odd: bytes
    lines: NDArray[np.uint32] | None
    """None: all records, from the first."""
    first: int
    count: int

    def restore(self) -> PartTable:
        """Return the table."""
        frame = pl.read_ipc_stream(BytesIO(self.frame)) if self.frame else pl.DataFrame()
        lines = self.lines
        if lines is None:
            lines = np.arange(self.first, self.first + self.count, dtype=np.uint32)
        odd = (DecodedRecord(line, cells, fault, raw, said) for line, cells, fault, raw, said in json.loads(self.odd))
        return PartTable(frame, lines, tuple(odd), self.first, self.count)


class PackedTables:
    """Keeps tables in memory, up to `ROOM` bytes."""

    def __init__(self) -> None:
        self._left = ROOM

    def put(self, table: PartTable) -> Callable[[], PartTable] | None:
        """Keep a table, and return what takes it down again; None when there is no room."""
        if not self._left:
            return None
        stream = BytesIO()
        if table.frame.width:
            table.frame.write_ipc_stream(stream, compression="lz4")
        odd = json.dumps([(one.line, dict(one.cells), one.fault, one.raw, dict(one.details)) for one in table.odd])
        lines = table.lines if table.odd else None
        packed = _CompressedTable(stream.getvalue(), odd.encode(), lines, table.first, table.count)
        size = len(packed.frame) + len(packed.odd) + (lines.nbytes if lines is not None else 0)
        if size > self._left:
            self._left = 0
            return None
        self._left -= size
        return packed.restore
