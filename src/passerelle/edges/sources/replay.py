"""The door by which rows come back from quarantine, corrected or re-mapped: one parcel like any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, TYPE_CHECKING

from passerelle.vocabulary.failpoints import failpoint
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

        def opened() -> IO[bytes]:
            return BytesIO(content)

        failpoint("collect.seen")
        yield Arrival(NAME, opened, self._acknowledge)

    def _acknowledge(self) -> None:
        self.acknowledge()
        failpoint("collect.acknowledged")
