"""Records as plain texts, by which two sides are compared. Null is unknown; equal texts have the same meaning."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.field_types import get_item_dtype, list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.switching.decisions import is_coded

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "_key"
"""The record's own reference, unwrapped."""
BETWEEN = "\x1f"
"""Stands between the items of a list; no text of a contract may hold it."""
_OURS = ("ref", "source")


@cache
def list_compared(contract: str) -> tuple[str, ...]:
    """List the fields that are compared, in the order of the contract."""
    return tuple(name for name in contracts.get(contract).list_fields() if name not in _OURS)


@cache
def map_references(contract: str) -> Mapping[str, str]:
    """Return the fields that refer to other records, each with the family that it refers to."""
    fields = contracts.get(contract).describe_fields()
    return {name: meta.reference for name, meta in fields.items() if meta.reference}


@cache
def list_open_references(contract: str) -> tuple[str, ...]:
    """List the fields that refer to a record of any family: what a document goes with."""
    shapes, known = list_shapes(contracts.get(contract)), map_references(contract)
    return tuple(
        name for name, shape in shapes.items() if shape.kind is FieldKind.URN and name not in known and name != "ref"
    )


def unwrap_ref(ref: pl.Expr) -> pl.Expr:
    """Take the reference of the first system out of one that a second system keeps whole as its local id."""
    inner = ref.str.extract(r"^[^:]*:[^:]*:(.*)$", 1)
    decoded = _decode_percents(inner)
    # An inner reference has its colons encoded: a plain colon means that it is an id of the second system's own.
    nested = decoded.str.contains(r"^[a-z0-9][a-z0-9_.-]{0,39}:[a-z][a-z_]{0,29}:[!-~]+$") & ~inner.str.contains(":")
    return pl.when(nested).then(decoded).otherwise(ref)


def strip_system(ref: pl.Expr) -> pl.Expr:
    """Drop the system of a reference, for software that keeps the numbers of another.

    The number is what people read: one software may keep in one column what another kept in several.
    """
    return _decode_percents(ref.str.replace(r"^[^:]*:", "").str.replace_all("%20", " ", literal=True))


def _decode_percents(text: pl.Expr) -> pl.Expr:
    """Undo the percent-encoding of references."""
    # The percent sign last: decoded first it would make codes of what were none.
    for code, sign in (("%3A", ":"), ("%7E", "~"), ("%25", "%")):
        text = text.str.replace_all(code, sign, literal=True)
    return text


def to_texts(frame: pl.DataFrame, contract: str, *, same_ids: bool = False) -> pl.DataFrame:
    """Return `KEY` and a text for each compared field. Columns that records lack are null."""
    refs, schema = {*map_references(contract), *list_open_references(contract)}, frame.schema
    columns = [_normalise_ref(pl.col("ref"), same_ids=same_ids).alias(KEY)]
    encoded = []
    for name in list_compared(contract):
        if name not in schema:
            columns.append(pl.lit(None, pl.String).alias(name))
        elif name in refs:
            columns.append(_normalise_ref(pl.col(name), same_ids=same_ids).alias(name))
        elif (plain := _select_plain(name, schema[name])) is not None:
            columns.append(plain)
        else:
            encoded.append(_encode_field(frame, name, contract))
            columns.append(pl.col(name))
    return frame.with_columns(encoded).select(columns)


def _normalise_ref(ref: pl.Expr, *, same_ids: bool) -> pl.Expr:
    return strip_system(unwrap_ref(ref)) if same_ids else unwrap_ref(ref)


def _select_plain(name: str, dtype: pl.DataType) -> pl.Expr | None:
    """Return the text of a simple value, a code, or a list of these; None for objects and lists of objects."""
    value = pl.col(name)
    if is_coded(dtype):
        return select_meaning(value).alias(name)
    if isinstance(dtype, pl.List):
        item = get_item_dtype(dtype)
        if not (is_coded(item) or isinstance(item, pl.String)):
            return None
        word = pl.element() if isinstance(item, pl.String) else select_meaning(pl.element())
        words = value.list.eval(word).list.drop_nulls()
        words = words.list.sort() if name == "confirmed_none" else words  # the names of fields, in any order
        return pl.when(words.list.len() > 0).then(words.list.join(BETWEEN)).alias(name)
    return None if isinstance(dtype, pl.Struct) else value.cast(pl.String).alias(name)


def select_meaning(value: pl.Expr) -> pl.Expr:
    """Select a coded value's code, else the supplier's own word. Labels and spellings do not count."""
    return pl.coalesce(value.struct.field("code"), value.struct.field("original"))


def _encode_field(frame: pl.DataFrame, name: str, contract: str) -> pl.Series:
    """Encode an object or a list of objects as canonical JSON."""
    alone = frame.select(name)
    if not alone.get_column(name).count():
        return pl.Series(name, [None], pl.String).new_from_index(0, frame.height)
    text = canonical.encode(alone, contracts.get(contract))
    inside = text.str.strip_prefix(f'{{"{name}":').str.strip_suffix("}")
    return pl.select(pl.when(text != "{}").then(inside)).to_series().alias(name)


def split_items(text: str) -> list[str]:
    """Split the text of a list of words into its items."""
    return text.split(BETWEEN)
