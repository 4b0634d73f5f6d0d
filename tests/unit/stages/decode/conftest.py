"""What the tests of decode share: decode bytes, and see everything that came out in one value."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode.decoding import decode

if TYPE_CHECKING:
    from passerelle.stages.decode.dialects import Dialect
    from passerelle.vocabulary.outcomes import RowWarning, SetAside
    from passerelle.vocabulary.parcels import DecodedBatch


@dataclass(frozen=True)
class Outcome:
    """All batches of a parcel, laid end to end."""

    batches: tuple[DecodedBatch, ...]

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        return [row for batch in self.batches for row in batch.table.frame.rows()]

    @property
    def lines(self) -> list[int]:
        return [line for batch in self.batches for line in batch.table.lines.to_list()]

    @property
    def columns(self) -> list[str]:
        return self.batches[0].table.frame.columns

    @property
    def aside(self) -> list[SetAside]:
        return [item for batch in self.batches for item in batch.aside]

    @property
    def faults(self) -> list[tuple[str, int, int]]:
        return [(item.reason, item.place.line, item.place.last_line) for item in self.aside]

    @property
    def warned(self) -> list[RowWarning]:
        return [item for batch in self.batches for item in batch.warned]


def outcome(data: bytes, dialect: Dialect, *, block_bytes: int = 1 << 20, block_rows: int = 1000) -> Outcome:
    """Decode bytes whole."""
    sizes = {"block_bytes": block_bytes, "block_rows": block_rows}
    return Outcome(tuple(decode(io.BytesIO(data), dialect, open_workbook=open_rows, **sizes)))


@pytest.fixture(name="outcome", scope="session")
def outcome_fixture():
    return outcome
