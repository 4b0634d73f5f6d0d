"""What a destination has no place for, counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.vocabulary.parcels import Ready

Left = Callable[["Ready"], Mapping[str, int]]
"""Counts, field by field, the values of a batch that the destination has no place for."""


def nothing_left(_ready: Ready) -> Mapping[str, int]:
    """Count nothing: the contract's own form has a place for everything."""
    return {}
