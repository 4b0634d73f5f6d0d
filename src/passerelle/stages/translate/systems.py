"""The supplier's name in its references: given once, with the supplier, and filled in wherever one does not say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from passerelle.stages.translate.converters.choices import FirstOf
from passerelle.stages.translate.converters.references import Ref

if TYPE_CHECKING:
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import Table


def name_system(table: Table, system: str) -> Table:
    """Return a table whose references begin with a system; the same one when each of them says its own."""
    fields = {name: _name_in_entry(entry, system) for name, entry in table.fields.items()}
    # Identity matters: plans are kept by it, and most tables have nothing to fill in.
    if all(fields[name] is entry for name, entry in table.fields.items()):
        return table
    return replace(table, fields=fields)


def _name_in_entry(entry: Any, system: str) -> Any:
    if not isinstance(entry, Sequence):
        return _name_in_converter(entry, system)
    named = tuple(_name_in_converter(one, system) for one in entry)
    return entry if all(one is other for one, other in zip(named, entry, strict=True)) else named


def _name_in_converter(converter: Converter, system: str) -> Converter:
    if isinstance(converter, Ref):
        return converter if converter.system else replace(converter, system=system)
    if isinstance(converter, FirstOf):
        inside = tuple(_name_in_converter(one, system) for one in converter.converters)
        same = all(one is other for one, other in zip(inside, converter.converters, strict=True))
        return converter if same else converter.replace_converters(*inside)
    return converter
