"""What a mapping surely gives, whatever the rows hold: what was made right need not be looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What every value is that one converter gives for whole columns; nulls apart."""

    kind: str = ""
    """A `contracts.types.Kind`: each value has its canonical form."""
    longest: int = 0
    """For a text: the most characters."""
    values: tuple[Any, ...] = ()
    """Instead of a kind: all the values there can be."""
    parts: tuple[tuple[str, Guarantee], ...] = ()
    """Instead of a kind: what each part of an object is, all of them there; others are unknown."""
    items: tuple[Guarantee, ...] = ()
    """Instead of a kind: what the items of a list are, at most one of each, none of them unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Guarantees:
    """Those of one table, by contract field. Two are the same only when they are one."""

    fields: Mapping[str, Guarantee]
