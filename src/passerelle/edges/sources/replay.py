"""The door by which rows come back from quarantine, corrected or re-mapped: one parcel like any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

NAME = "replay"


@dataclass(frozen=True, slots=True)
class ReplaySource:
    """One arrival made of lines; none when there is no line. `lines` is read once, at the first look."""

    lines: Iterable[bytes] = field(repr=False)
    acknowledge: Callable[[], None] = field(repr=False)

    def arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  it has no cursor
        """Yield the lines as one parcel, each ended by a line feed."""
        content = b"".join(line.removesuffix(b"\n") + b"\n" for line in self.lines)
        if not content:
            return

        yield Arrival(NAME, partial(BytesIO, content), self.acknowledge)
