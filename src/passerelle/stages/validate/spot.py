"""Where in a record something is wrong: the way there in the contract's own names, never in the record's."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.contracts.types import Kind

if TYPE_CHECKING:
    from passerelle.stages.validate.node import Node


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a record. `path` counts items from 0 (`telecoms[1].value`); `field` leaves them out."""

    path: str
    field: str
    node: Node | None
    """What the contract asks for here; for a stranger, what it asks of the object that holds it."""
    value: Any = dataclasses.field(repr=False)
    stranger: str | None = dataclasses.field(default=None, repr=False)
    """A name that the contract does not know. It comes from outside: it is looked at, never repeated."""


def spot(record: Any, root: Node, loc: tuple[int | str, ...]) -> Spot:
    """Follow the way that pydantic gives. What lies inside a map (`extra`) is told as the map itself."""
    here = Spot("", "", root, record)
    for step in loc:
        if here.node is None or here.node.kind is Kind.MAP:
            break
        if here.node.kind is Kind.OBJECT and step not in here.node.fields:
            return Spot(here.path, here.field, here.node, here.value, str(step))
        here = _into(here, here.node, step)
    return here


def _into(here: Spot, node: Node, step: int | str) -> Spot:
    value = _part(here.value, step)
    if isinstance(step, int):
        return Spot(f"{here.path}[{step}]", here.field, node.item, value)
    dot = "." if here.path else ""
    return Spot(f"{here.path}{dot}{step}", f"{here.field}{dot}{step}", node.fields.get(step), value)


def _part(value: Any, step: int | str) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None
