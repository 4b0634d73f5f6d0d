"""The order of contracts by their references: what is referred to comes before what refers to it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.switching.record_texts import list_open_references, map_references

if TYPE_CHECKING:
    from collections.abc import Iterable


def sort_by_dependency(wanted: Iterable[str]) -> tuple[str, ...]:
    """Sort contracts in dependency order, computed from their references; ties stay in the order of the catalogue.

    Where contracts refer to each other in a circle, the one that the catalogue names first comes first. What refers to
    records of any family (a document) comes after all that can come before it.
    """
    named = set(wanted)
    # Stable: within each part the order stays that of the catalogue.
    chosen = sorted((name for name in contracts.catalogue() if name in named), key=_is_bound_to_open)
    families: dict[str, list[str]] = {}
    for name in chosen:
        families.setdefault(contracts.get(name).about.family, []).append(name)
    placed: dict[str, None] = {}
    begun: set[str] = set()

    def place_after_targets(name: str) -> None:
        if name in begun:
            return
        begun.add(name)
        for family in map_references(name).values():
            for target in families.get(family, []):
                place_after_targets(target)
        placed[name] = None

    for name in chosen:
        place_after_targets(name)
    return tuple(placed)


def _is_bound_to_open(name: str) -> bool:
    """Whether a contract refers to records of any family, or to one of those that do."""
    return bool(list_open_references(name)) or bool(_list_open_families() & {*map_references(name).values()})


@cache
def _list_open_families() -> frozenset[str]:
    every = (contracts.get(name) for name in contracts.catalogue())
    return frozenset(one.about.family for one in every if list_open_references(one.about.id))
