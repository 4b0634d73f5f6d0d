"""The one JSON text of a record: what is compared, delivered and judged, written column by column.

Fields stand in the order of the contract, those of a map in alphabetical order; what is unknown is left out (no null,
no empty object, no empty list, at any depth); no spaces; nothing escaped that JSON does not ask for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.layout import columns, inner, parts
from passerelle.vocabulary.parcels import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.contracts.contract import Contract

_CONTROLS = {chr(code): f"\\u{code:04x}" for code in range(0x20)}
_ESCAPES = {**_CONTROLS, "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}
_NOT_CANONICAL = "not the canonical JSON of a record of this contract"
_DANGEROUS = r'[\x00-\x1f"\\]'


def encode(frame: pl.DataFrame, contract: type[Contract]) -> pl.Series:
    """Write every row as canonical JSON. Raises TypeError for a column of a type that records do not have."""
    if not frame.height:
        return pl.Series("json", [], pl.String)
    calm = _calm(frame)
    members = [
        _member(name, pl.col(name), dtype, expected, calm=name in calm)
        for name, dtype, expected in _arranged(frame.schema, columns(contract))
        if name != ROW
    ]
    return frame.select(_object(members).alias("json")).to_series()


def records(frame: pl.DataFrame, contract: type[Contract]) -> list[dict[str, Any]]:
    """Give every row as the object that its canonical JSON says."""
    return [json.loads(line) for line in encode(frame, contract)]


def parse(lines: Iterable[str | bytes], contract: type[Contract]) -> pl.DataFrame:
    """Read canonical JSON back into a frame with one column per contract field, in canonical order.

    Raises ValueError when a line is not the canonical JSON of a record of this contract.
    """
    texts = [_text(line) for line in lines]
    schema = {name: _readable(name, dtype, texts) for name, dtype in columns(contract).items()}
    try:
        frame = pl.Series(texts, dtype=pl.String).str.json_decode(pl.Struct(schema)).struct.unnest()
    except pl.exceptions.PolarsError:
        raise ValueError(_NOT_CANONICAL) from None
    if encode(frame, contract).to_list() != texts:
        raise ValueError(_NOT_CANONICAL)
    return frame


def absent(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Say where canonical JSON leaves a value out: it is unknown, or there is nothing but unknowns in it."""
    if isinstance(dtype, pl.Struct):
        inside = [absent(value.struct.field(name), part) for name, part in parts(dtype).items()]
        return pl.all_horizontal(pl.lit(True), *inside)
    if isinstance(dtype, pl.List):
        return value.is_null() | value.list.eval(absent(pl.element(), inner(dtype))).list.all()
    return value.is_null()


def _text(line: str | bytes) -> str:
    try:
        return line.decode() if isinstance(line, bytes) else line
    except UnicodeDecodeError:
        raise ValueError(_NOT_CANONICAL) from None


def _readable(name: str, dtype: pl.DataType, texts: Sequence[str]) -> pl.DataType:
    """Complete the type of a map with the names that these lines use."""
    if not isinstance(dtype, pl.Null):
        return dtype
    mark = f'"{name}":{{'
    groups: dict[str, dict[str, None]] = {}
    for text in texts:
        if mark in text:
            for group, cells in _map_of(text, name).items():
                groups.setdefault(group, {}).update(dict.fromkeys(cells))
    if not groups:
        return dtype
    return pl.Struct({group: pl.Struct(dict.fromkeys(sorted(groups[group]), pl.String())) for group in sorted(groups)})


def _map_of(text: str, name: str) -> dict[str, dict[str, str]]:
    try:
        found = json.loads(text).get(name, {})
        return {group: cells for group, cells in found.items() if isinstance(cells, dict)}
    except (ValueError, AttributeError):
        raise ValueError(_NOT_CANONICAL) from None


def _arranged(
    found: Mapping[str, pl.DataType], expected: Mapping[str, pl.DataType]
) -> list[tuple[str, pl.DataType, pl.DataType]]:
    """Put names in the contract's order; those that it does not know come last, in alphabetical order."""
    strangers = sorted(name for name in found if name not in expected)
    names = [*(name for name in expected if name in found), *strangers]
    return [(name, found[name], expected.get(name, pl.Null())) for name in names]


def _calm(frame: pl.DataFrame) -> frozenset[str]:
    """Name the text columns of which no cell needs escaping: looking once is cheaper than replacing everywhere."""
    texts = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.String)]
    if not texts:
        return frozenset()
    found = frame.select(pl.col(name).str.contains(_DANGEROUS).any() for name in texts).row(0)
    return frozenset(name for name, dangerous in zip(texts, found, strict=True) if not dangerous)


def _member(name: str, value: pl.Expr, dtype: pl.DataType, expected: pl.DataType, *, calm: bool) -> pl.Expr:
    """Write `"name":value`; null when the value is unknown."""
    key = json.dumps(name, ensure_ascii=False)
    if isinstance(dtype, pl.String):
        text = value if calm else _escaped(value)
        return pl.concat_str(pl.lit(f'{key}:"'), text, pl.lit('"'))
    return pl.concat_str(pl.lit(f"{key}:"), _value(value, dtype, expected))


def _value(value: pl.Expr, dtype: pl.DataType, expected: pl.DataType) -> pl.Expr:
    """Write one value of any type that records have; null when it is unknown or empty."""
    if isinstance(dtype, pl.String):
        return pl.concat_str(pl.lit('"'), _escaped(value), pl.lit('"'))
    if isinstance(dtype, pl.Boolean | pl.Null) or dtype.is_integer():
        return value.cast(pl.String)
    if isinstance(dtype, pl.Struct):
        return _struct(value, dtype, expected)
    if isinstance(dtype, pl.List):
        return _list(value, dtype, expected)
    message = f"records have no {dtype}"
    raise TypeError(message)


def _struct(value: pl.Expr, dtype: pl.Struct, expected: pl.DataType) -> pl.Expr:
    known = parts(expected) if isinstance(expected, pl.Struct) else {}
    members = [
        _member(name, value.struct.field(name), part, wanted, calm=False)
        for name, part, wanted in _arranged(parts(dtype), known)
    ]
    return _unless(_object(members), "{}")


def _list(value: pl.Expr, dtype: pl.List, expected: pl.DataType) -> pl.Expr:
    wanted = inner(expected) if isinstance(expected, pl.List) else pl.Null()
    items = value.list.eval(_value(pl.element(), inner(dtype), wanted))
    return _unless(pl.concat_str(pl.lit("["), items.list.join(",", ignore_nulls=True), pl.lit("]")), "[]")


def _object(members: Sequence[pl.Expr]) -> pl.Expr:
    if not members:
        return pl.lit("{}")
    inside = pl.concat_str(members, separator=",", ignore_nulls=True)
    return pl.concat_str(pl.lit("{"), inside, pl.lit("}"))


def _unless(text: pl.Expr, empty: str) -> pl.Expr:
    return text.replace(empty, None)  # `when(text != …).then(text)` would compute nested texts twice at every depth


def _escaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
