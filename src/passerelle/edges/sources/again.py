"""Parcels that are taken again on purpose: bytes that are kept, or files that somebody names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.vocabulary.ports import Arrival


@dataclass(frozen=True, slots=True)
class AgainSource:
    """Yields arrivals that were chosen before, in their order."""

    arrivals: Sequence[Arrival]

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  it has no cursor
        """Yield them."""
        return iter(self.arrivals)
