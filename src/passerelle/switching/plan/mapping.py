"""What a side's description says of one field: whether it is there, how long, in which codes, whether it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle import contracts, nomenclatures
from passerelle.engine.document_writing import make_path
from passerelle.stages.render.shape import list_needed_cells as needed_cells
from passerelle.stages.translate.converters.choices import FirstOf
from passerelle.stages.translate.converters.lookups import Code, Word
from passerelle.stages.translate.converters.texts import Text
from passerelle.stages.translate.sharing import list_converters
from passerelle.switching.values import references
from passerelle.vocabulary.language import get_current

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import Table
    from passerelle.switching.side import Export, Side


@dataclass(frozen=True, slots=True)
class Place:
    """The place that one side has for a field of a contract."""

    columns: tuple[str, ...] = ()
    """The supplier's columns; none where files are in contract form."""
    max_length: int | None = None
    codes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the side can say here, with labels; empty: anything."""
    system: str = ""
    needed: bool = False
    """Without a value here, the side takes nothing of the row."""


def places(side: Side, contract: str) -> dict[str, Place]:
    """Give the place of each field that a side has one for; none when it does not hold the contract."""
    found: dict[str, Place] = {}
    for export in side.of(contract):
        for name, place in _of_export(export, contract).items():
            found.setdefault(name, place)
    return found


def _of_export(export: Export, contract: str) -> dict[str, Place]:
    if export.reading is None:
        return _of_contract(contract)
    found: dict[str, Place] = {}
    tables = export.tables(contract)
    for name in (name for table in tables for name in table.fields):
        if name not in found:
            place = _place(name, tables, contract)
            found[name] = replace(place, needed=place.needed or _asked(name, tables, export.reading.connector))
    return found


def _asked(name: str, tables: tuple[Table, ...], connector: Connector) -> bool:
    """Say whether documents of this contract cannot be written without a reference: no connector derives one."""
    contract = tables[0].contract
    cells = {path for one in connector.writes if one.contract == contract for path in needed_cells(one.shape)}
    if not cells or name not in references(contract):
        return False
    return any(
        one.columns and {make_path(connector.dialect, table.member, name) for name in one.columns} <= cells
        for table in tables
        for one in list_converters(table.fields.get(name, ()))
    )


def _of_contract(contract: str) -> dict[str, Place]:
    model = contracts.get(contract)
    return {name: Place(needed=info.is_required()) for name, info in model.model_fields.items() if name != "source"}


def _place(name: str, tables: tuple[Table, ...], contract: str) -> Place:
    """Put together what all tables of the contract say of a field."""
    converters = [one for table in tables if name in table.fields for one in _flat(table.fields[name])]
    columns = tuple(dict.fromkeys(column for one in converters for column in one.columns))
    lengths = [one.max_length for one in converters if isinstance(one, Text)]
    lists = [one for one in converters if isinstance(one, Code | Word)]
    codes = {code: label for one in lists for code, label in _codes(one).items()}
    needed = contracts.get(contract).model_fields[name].is_required()
    asked = any(column in table.required for table in tables for column in columns)
    system = next((one.system for one in lists if isinstance(one, Code) and one.system), "")
    return Place(columns, min(lengths, default=None), codes, system, needed or asked)


def _flat(entry: Any) -> Iterator[Converter]:
    for one in list_converters(entry):
        if isinstance(one, FirstOf):
            for inner in one.converters:
                yield from _flat(inner)
        else:
            yield one


def _codes(one: Code | Word) -> dict[str, str]:
    """List what a converter can say, with the label where one is known."""
    if isinstance(one, Word):
        return {ours: "" for ours in one.table.values() if ours}
    if one.table is None:
        return dict(one.labels or {})
    labels = _labels(one.system)
    return {code: (one.labels or {}).get(code, "") or labels.get(code, "") for code in one.table.values()}


def _labels(system: str) -> dict[str, str]:
    try:
        listed = nomenclatures.get_nomenclature(system)
    except KeyError:
        return {}
    return {code: listed.get_label(code, get_current()) for code in listed.codes}
