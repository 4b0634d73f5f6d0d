"""What a side's description says of one field: its columns, its longest text, its codes, whether it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle import contracts, nomenclatures
from passerelle.engine.adapters.document_writing import make_path
from passerelle.stages.render.shape import list_needed_cells as needed_cells
from passerelle.stages.translate.converters.choices import FirstOf
from passerelle.stages.translate.converters.lookups import Code, Word
from passerelle.stages.translate.converters.texts import Text
from passerelle.stages.translate.sharing import list_converters
from passerelle.switching.record_texts import map_references
from passerelle.vocabulary.language import get_current

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import Table
    from passerelle.switching.side import Side


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """The place that one side has for a field of a contract."""

    columns: tuple[str, ...] = ()
    """The supplier's columns; none where files are in contract form."""
    max_length: int | None = None
    codes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The codes that the side has here, with labels; empty: any value."""
    system: str = ""
    needed: bool = False
    """Without a value here, the side takes nothing of the row."""


def find_places(side: Side, contract: str) -> dict[str, FieldPlace]:
    """Return the place of each field that a side has one for; none when it does not hold the contract."""
    places: dict[str, FieldPlace] = {}
    for export in side.list_exports(contract):
        if export.connector_reader is None:  # files in contract form have a place for every field
            fields = contracts.get(contract).model_fields
            own = {name: FieldPlace(needed=info.is_required()) for name, info in fields.items() if name != "source"}
        else:
            tables, connector = export.list_tables(contract), export.connector_reader.connector
            names = dict.fromkeys(name for table in tables for name in table.fields)
            own = {name: _make_place(name, tables, connector) for name in names}
        # The first export that has the field counts.
        places |= {name: place for name, place in own.items() if name not in places}
    return places


def _is_needed_by_documents(name: str, tables: tuple[Table, ...], connector: Connector) -> bool:
    """Whether documents of this contract cannot be written without a reference: no connector derives one."""
    contract = tables[0].contract
    cells = {
        path for writing in connector.writes if writing.contract == contract for path in needed_cells(writing.shape)
    }
    if not cells or name not in map_references(contract):
        return False
    return any(
        converter.columns
        and {make_path(connector.dialect, table.member, column) for column in converter.columns} <= cells
        for table in tables
        for converter in list_converters(table.fields.get(name, ()))
    )


def _make_place(name: str, tables: tuple[Table, ...], connector: Connector) -> FieldPlace:
    """Combine what all tables of the contract say of a field."""
    converters = [
        converter for table in tables if name in table.fields for converter in _iter_converters(table.fields[name])
    ]
    columns = tuple(dict.fromkeys(column for converter in converters for column in converter.columns))
    lengths = [converter.max_length for converter in converters if isinstance(converter, Text)]
    lists = [converter for converter in converters if isinstance(converter, Code | Word)]
    codes = {code: label for converter in lists for code, label in _label_codes(converter).items()}
    needed = (
        contracts.get(tables[0].contract).model_fields[name].is_required()
        or any(column in table.required for table in tables for column in columns)
        or _is_needed_by_documents(name, tables, connector)
    )
    system = next((converter.system for converter in lists if isinstance(converter, Code) and converter.system), "")
    return FieldPlace(columns, min(lengths, default=None), codes, system, needed)


def _label_codes(converter: Code | Word) -> dict[str, str]:
    """Return the codes that a converter can produce, each with its label or an empty text."""
    if isinstance(converter, Word):
        return {ours: "" for ours in converter.table.values() if ours}
    if converter.table is None:
        return dict(converter.labels or {})
    try:
        nomenclature = nomenclatures.get(converter.system)
    except KeyError:  # a supplier's own list: only the connector knows its labels
        labels = {}
    else:
        labels = {code: nomenclature.get_label(code, get_current()) for code in nomenclature.codes}
    own = converter.labels or {}
    return {code: own.get(code, "") or labels.get(code, "") for code in converter.table.values()}


def _iter_converters(entry: Any) -> Iterator[Converter]:
    for converter in list_converters(entry):
        if isinstance(converter, FirstOf):
            for inner in converter.converters:
                yield from _iter_converters(inner)
        else:
            yield converter
