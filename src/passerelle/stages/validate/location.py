"""Locations in a record, spelled in the contract's own names, never in the record's."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from passerelle.contracts.types import FieldKind
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.stages.validate.contract_tree import Node


@dataclass(frozen=True, slots=True)
class FieldLocation:
    """A place in a record. `path` counts items from 0 (`telecoms[1].value`); `field` leaves them out."""

    path: str
    field: str
    node: Node | None
    """What the contract asks for here; for an unknown name, what it asks of the object that holds it."""
    value: Any = dataclasses.field(repr=False)
    unknown_name: str | None = dataclasses.field(default=None, repr=False)
    """A name that the contract does not know. It comes from outside: it may be compared, never shown."""


def locate(record: Any, root: Node, loc: tuple[int | str, ...]) -> FieldLocation:
    """Follow the location that pydantic reports. What lies inside a map (`extra`) is located as the map itself."""
    here = FieldLocation("", "", root, record)
    for step in loc:
        node = here.node
        if node is None or node.kind is FieldKind.MAP:
            break
        if node.kind is FieldKind.OBJECT and step not in node.fields:
            return FieldLocation(here.path, here.field, node, here.value, str(step))
        value = None
        with suppress(KeyError, IndexError, TypeError):  # what is missing, or not what it should be, has no parts
            value = here.value[step]
        if isinstance(step, int):
            here = FieldLocation(f"{here.path}[{step}]", here.field, node.item, value)
        else:
            dot = "." if here.path else ""
            inner = node.fields.get(step)
            here = FieldLocation(f"{here.path}{dot}{step}", f"{here.field}{dot}{step}", inner, value)
    return here
