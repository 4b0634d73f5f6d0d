"""Guarantees about the values that a mapping produces; validation skips columns that need no check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee about every non-null value that a converter produces columnar."""

    kind: str = ""
    """A `contracts.types.Kind`: each value has the canonical form of that kind."""
    longest: int = 0
    """For a text: the maximum number of characters; 0 when unbounded."""
    values: tuple[Any, ...] = ()
    """Instead of a kind: the only values that can occur."""
    parts: tuple[tuple[str, Guarantee], ...] = ()
    """Instead of a kind: the guarantee of each part of an object. All of them are present; other parts are null."""
    items: tuple[Guarantee, ...] = ()
    """Instead of a kind: the guarantees of the items of a list, at most one item for each, none of them null."""


# Compared by identity: a table has one, and comparing all its fields in every batch would cost more than it saves.
@dataclass(frozen=True, slots=True, eq=False)
class Guarantees:
    """The guarantees of one table, by contract field. Equal only when identical."""

    fields: Mapping[str, Guarantee]
