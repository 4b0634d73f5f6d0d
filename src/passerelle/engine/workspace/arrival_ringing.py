"""Whom an arrival rings for: workers that take turns, where machines share a journal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine


def ring_nobody(_flow: str) -> None:
    """Ring for nobody: one machine looks by itself."""


def make_ring(engine: Engine, shared_journal: str | None) -> Callable[[str], object]:
    """Return what rings for a flow."""
    if not shared_journal:
        return ring_nobody
    from passerelle.stores.arrival_bell import ring_arrival  # noqa: PLC0415  most machines have no fleet

    return partial(ring_arrival, engine)
