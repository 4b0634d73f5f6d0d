"""Rows that come back from quarantine, corrected or re-mapped: one parcel like any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "replay.ndjson"


@dataclass(frozen=True, slots=True)
class ReplaySource:
    """One arrival made of lines that each end with a line feed, and the quarantine items that they bring back."""

    lines: Sequence[bytes] = field(repr=False)
    items: tuple[int, ...]

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  it has no cursor
        """Yield the lines as one parcel."""
        # Nothing to acknowledge: the journal moves the items when it registers the parcel.
        yield Arrival(NAME, partial(BytesIO, b"".join(self.lines)), lambda: None, items=self.items)
