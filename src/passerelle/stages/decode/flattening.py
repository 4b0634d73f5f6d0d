"""How a record of a JSON document becomes cells, one record at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from passerelle.stages.decode.header import make_free_name
from passerelle.stages.decode.kinds import describe_flaw
from passerelle.stages.decode.strict import FlawedValue, RepeatedKeyObject, dumps, to_cell
from passerelle.stages.decode.tables import DecodedRecord
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.stages.decode.inside import Inside
    from passerelle.stages.decode.linking import Linking

MAX_DEPTH = 100
_DEEP = "decode.record.too_deep"


@dataclass(frozen=True, slots=True)
class RecordReader:
    """How a record becomes cells: lists that are columns, what every record takes from above, what refers to what."""

    inside: Inside
    above: Mapping[str, str | None]
    linking: Linking

    def note_cells(self, line: int, item: Any) -> Mapping[str, str | None]:
        """Note the addresses of one record, before any is yielded; return its cells."""
        cells = self.flatten_item(line, item).cells
        self.linking.note(cells, line)
        return self.linking.replace_addresses(dict(cells))

    def record(self, line: int, item: Any) -> DecodedRecord:
        """Flatten one record, and replace addresses by names."""
        record = self.flatten_item(line, item)
        return record if record.fault else replace(record, cells=self.linking.replace_addresses(dict(record.cells)))

    def flatten_item(self, line: int, item: Any) -> DecodedRecord:
        """Flatten one record; its addresses stay as they are."""
        details = {"limit": str(MAX_DEPTH)}
        cells: dict[str, str | None] = dict(self.above)
        if isinstance(item, FlawedValue):
            return _set_flawed_aside(line, item)
        try:
            fault = flatten(item, "", cells, self.inside) if isinstance(item, dict) else "decode.record.not_object"
            return DecodedRecord(
                line, cells, fault, raw=dumps(item) if fault else None, details=details if fault == _DEEP else {}
            )
        except RecursionError:  # a list in a list … is written back by recursion, whatever the depth of objects
            return DecodedRecord(line, fault=_DEEP, details=details)


def _set_flawed_aside(line: int, item: FlawedValue) -> DecodedRecord:
    details = {"declared": "JSON", "what": describe_flaw(item.flaw)}
    return DecodedRecord(line, fault="decode.record.flawed", raw=dumps(item.value), details=details)


def flatten(item: dict[str, Any], prefix: str, cells: dict[str, str | None], inside: Inside, depth: int = 0) -> str:
    """Write the members of an object as cells named by path; return the code of a fault, or an empty text."""
    if isinstance(item, RepeatedKeyObject):
        return "decode.record.repeated_key"
    if depth >= MAX_DEPTH:
        return _DEEP
    for key, value in item.items():
        path = prefix + key
        below = inside.to_object(path, value)
        if isinstance(below, dict):
            if fault := flatten(below, f"{path}.", cells, inside, depth + 1):
                return fault
            if not below and isinstance(value, list):
                cells.setdefault(path, "")  # a list that is there and holds nothing says so
        else:
            cells[make_free_name(path, {ROW, *cells}) if path in cells or path == ROW else path] = to_cell(value)
    return ""


def choose_columns(columns: Mapping[str, bool]) -> tuple[list[str], set[str]]:
    """Return the columns of a list, and those names of `columns` that are objects elsewhere.

    `columns` says of each, in order of appearance, whether any record has something in it. An object that is null in
    some records, and never anything else that is no object, is no column.
    """
    objects = {name[:dot] for name in columns for dot, char in enumerate(name) if char == "."} & columns.keys()
    return [name for name, filled in columns.items() if filled or name not in objects], objects


def spread_empty_objects(record: DecodedRecord, objects: set[str], names: Sequence[str]) -> DecodedRecord:
    """Empty the members of an object that is null or holds nothing here: elsewhere these are cells."""
    if objects.isdisjoint(record.cells):
        return record
    cells = {name: cell for name, cell in record.cells.items() if cell or name not in objects}
    empty = [f"{name}." for name in objects & (record.cells.keys() - cells.keys())]
    said = {name: "" for name in names if name not in cells and any(name.startswith(above) for above in empty)}
    return replace(record, cells={**cells, **said})


def note_columns(columns: dict[str, bool], cells: Iterable[tuple[str, str | None]]) -> None:
    """Note the columns of one record, in order of appearance, and whether there is something in them."""
    for name, text in cells:
        columns[name] = columns.get(name, False) or bool(text)
