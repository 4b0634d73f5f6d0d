"""Rendering: contract records as rows of a supplier, through the same converters that parse them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.shaped import ShapedConverter
from passerelle.stages.translate.sharing import is_read_back, list_converters, share, survives_round_trip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.translate.table import Table

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_PIPELINE = frozenset({"confirmed_none", "source"})
"""Fields that no layout of a supplier is expected to hold."""


def render(frame: pl.DataFrame, table: Table, *, supplier: str) -> pl.DataFrame:
    """Render contract records as rows of one table of a supplier: String columns, unknown as `""`.

    Where several fields share a column, the first that has something to write wins. What the supplier itself once
    sent beyond the contract (`extra`) goes back to its place; what others sent does not.
    """
    return _arrange([render_record(record, table, supplier=supplier) for record in frame.iter_rows(named=True)], table)


def render_with_unmapped(
    frame: pl.DataFrame, table: Table, *, supplier: str, fill: Mapping[str, Any] = _NOTHING
) -> tuple[pl.DataFrame, dict[int, tuple[str, ...]]]:
    """Render records and find, by their index, the fields of values that the table has no place for, in one pass.

    `fill`: what a field holds where a record has nothing for it.
    """
    rows: list[dict[str, str]] = []
    unmapped: dict[int, tuple[str, ...]] = {}
    for index, record in enumerate(frame.iter_rows(named=True)):
        rows.append(render_record(fill_record(record, fill), table, supplier=supplier))
        if names := tuple(iter_unmapped(record, table, supplier=supplier)):
            unmapped[index] = names
    return _arrange(rows, table), unmapped


def fill_record(record: Mapping[str, Any], fill: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record with what stands for the fields that it has nothing for."""
    return {**record, **{name: value for name, value in fill.items() if record.get(name) is None}} if fill else record


def find_unmapped(frame: pl.DataFrame, table: Table, *, supplier: str) -> dict[int, tuple[str, ...]]:
    """Find what `render` leaves behind without rendering: by index, the fields of values that have no place."""
    unmapped = (tuple(iter_unmapped(record, table, supplier=supplier)) for record in frame.iter_rows(named=True))
    return {index: names for index, names in enumerate(unmapped) if names}


def _arrange(rows: list[dict[str, str]], table: Table) -> pl.DataFrame:
    read = (
        column
        for entry in table.fields.values()
        for converter in list_converters(entry)
        for column in converter.columns
    )
    conditions = (column for entry in table.where for column in entry.columns)
    # As the fields read them, then those of conditions, then the carried ones.
    names = list(dict.fromkeys([*read, *conditions, *(name for row in rows for name in row)]))
    schema = dict.fromkeys(names, pl.String())
    return pl.DataFrame({name: [row.get(name, "") for row in rows] for name in names}, schema)


def render_record(record: Mapping[str, Any], table: Table, *, supplier: str) -> dict[str, str]:
    """Render one record as cells of a table, by column. Of fields that share a column, the first that fills it wins."""
    row: dict[str, str] = {}
    for name, converters in table.fields.items():
        shares, _unrendered = share(list_converters(converters), record.get(name))
        for converter, value in shares:
            _fill_empty(row, converter.render(value))
    if parts := table.parts:
        row = parts.put_back(row)
    _fill_empty(row, {entry.column: entry.values[0] for entry in table.where if entry.is_list})
    _fill_empty(row, (record.get("extra") or {}).get(supplier) or {})
    return row


def _fill_empty(row: dict[str, str], texts: Mapping[str, str | None]) -> None:
    """Write cells into those of the row that are still empty."""
    row |= {column: text or "" for column, text in texts.items() if not row.get(column)}


def iter_unmapped(record: Mapping[str, Any], table: Table, *, supplier: str) -> Iterator[str]:
    """Yield the field of each value of a record that has no place in a table."""
    for name, value in record.items():
        # Keys that begin with `_` are the pipeline's own, not fields of a contract.
        if value is None or name in _PIPELINE or name.startswith("_"):
            continue
        if name == "extra":
            others = (texts for other, texts in value.items() if other != supplier)
            yield from (name for texts in others for text in (texts or {}).values() if text)
        elif name not in table.fields:
            yield name
        elif isinstance(value, list):
            shares, unrendered = share(list_converters(table.fields[name]), value)
            # Cells that several fields make together are known only once all have written their parts.
            shaped = [pair for pair in shares if isinstance(pair[0], ShapedConverter) and pair[1] is not None]
            row = render_record(record, table, supplier=supplier) if shaped else {}
            yield from (name for _item in unrendered)
            yield from (name for converter, item in shaped if not is_read_back(converter, item, row))
        elif not _survives_writing(record, table, name, supplier):
            yield name


def _survives_writing(record: Mapping[str, Any], table: Table, name: str, supplier: str) -> bool:
    """Whether a value is read back: alone, and from the whole row where its cells say something together with others.

    So do an end that shares its day with a start, when it is two days later, and parts of a cell.
    """
    converter, value = list_converters(table.fields[name])[0], record[name]
    if not survives_round_trip(converter, value):
        return False
    if not getattr(converter, "after", "") and not isinstance(converter, ShapedConverter):
        return True
    return is_read_back(converter, value, render_record(record, table, supplier=supplier))
