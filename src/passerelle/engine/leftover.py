"""What a destination has no place for: values, counted, and whole records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Ready

Left = Callable[["Ready"], Mapping[str, int]]
"""Counts, field by field, the values of a batch that the destination has no place for."""


def nothing_left(_ready: Ready) -> Mapping[str, int]:
    """Count nothing: the contract's own form has a place for everything."""
    return {}


Refused = Callable[["Ready"], Mapping[int, "Answer"]]
"""Says, by their index, which records of a batch have no place in what would be written, and why."""


def nothing_refused(_ready: Ready) -> Mapping[int, Answer]:
    """Refuse nothing: whether the other side takes it is seen when it is sent."""
    return {}
