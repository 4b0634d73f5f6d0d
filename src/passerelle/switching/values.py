"""Records as plain texts: what two sides are compared by. Null is unknown; what says the same is the same text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.field_types import get_item_dtype
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
    """Name the fields that are compared, in the order of the contract."""
    return tuple(name for name in contracts.get(contract).list_fields() if name not in _OURS)


@cache
def map_references(contract: str) -> Mapping[str, str]:
    """Give the fields that refer to other records, each with the contract's family that it refers to."""
    facts = contracts.get(contract).describe_fields()
    return {name: fact.reference for name, fact in facts.items() if fact.reference}


def unwrap_ref(ref: pl.Expr) -> pl.Expr:
    """Take the reference of the first system out of one that a second system keeps whole as its local id."""
    local = ref.str.extract(r"^[^:]*:[^:]*:(.*)$", 1)
    decoded = _percent_decode(local)
    nested = decoded.str.contains(r"^[a-z0-9][a-z0-9_.-]{0,39}:[a-z][a-z_]{0,29}:[!-~]+$") & ~local.str.contains(":")
    return pl.when(nested).then(decoded).otherwise(ref)


def local(ref: pl.Expr) -> pl.Expr:
    """Leave the system out of a reference, for software that keeps the numbers of another.

    The number is what people read: one software may keep in one column what another kept in several.
    """
    return _percent_decode(ref.str.replace(r"^[^:]*:", "").str.replace_all("%20", " ", literal=True))


def _percent_decode(text: pl.Expr) -> pl.Expr:
    """Undo the percent-encoding of what references set apart."""
    for code, sign in (("%3A", ":"), ("%7E", "~"), ("%25", "%")):
        text = text.str.replace_all(code, sign, literal=True)
    return text


def to_texts(frame: pl.DataFrame, contract: str, *, same_ids: bool = False) -> pl.DataFrame:
    """Give `KEY` and one text a compared field. Columns that records lack are null."""
    refs, schema = map_references(contract), frame.schema
    made = [_normalise_ref(pl.col("ref"), same_ids=same_ids).alias(KEY)]
    whole = []
    for name in list_compared(contract):
        if name not in schema:
            made.append(pl.lit(None, pl.String).alias(name))
        elif name in refs:
            made.append(_normalise_ref(pl.col(name), same_ids=same_ids).alias(name))
        elif _is_plain(schema[name]):
            made.append(_select_plain(name, schema[name]))
        else:
            whole.append(_encode_field(frame, name, contract))
            made.append(pl.col(name))
    return frame.with_columns(whole).select(made)


def _normalise_ref(ref: pl.Expr, *, same_ids: bool) -> pl.Expr:
    return local(unwrap_ref(ref)) if same_ids else unwrap_ref(ref)


def _is_plain(dtype: pl.DataType) -> bool:
    simple = not isinstance(dtype, pl.Struct | pl.List)
    return simple or is_coded(dtype) or (isinstance(dtype, pl.List) and _says_words(get_item_dtype(dtype)))


def _says_words(dtype: pl.DataType) -> bool:
    return is_coded(dtype) or isinstance(dtype, pl.String)


def _select_plain(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if is_coded(dtype):
        return select_meaning(value).alias(name)
    if isinstance(dtype, pl.List):
        item = pl.element() if isinstance(get_item_dtype(dtype), pl.String) else select_meaning(pl.element())
        words = value.list.eval(item).list.drop_nulls()
        words = words.list.sort() if name == "confirmed_none" else words
        return pl.when(words.list.len() > 0).then(words.list.join(BETWEEN)).alias(name)
    return value.cast(pl.String).alias(name)


def select_meaning(value: pl.Expr) -> pl.Expr:
    """Say what a coded value says: its code, else the supplier's own word. Labels and spellings do not count."""
    return pl.coalesce(value.struct.field("code"), value.struct.field("original"))


def _encode_field(frame: pl.DataFrame, name: str, contract: str) -> pl.Series:
    """Write an object or a list of objects as canonical JSON."""
    alone = frame.select(name)
    if not alone.get_column(name).count():
        return pl.Series(name, [None], pl.String).new_from_index(0, frame.height)
    text = canonical.encode(alone, contracts.get(contract))
    inside = text.str.strip_prefix(f'{{"{name}":').str.strip_suffix("}")
    return pl.select(pl.when(text != "{}").then(inside)).to_series().alias(name)


def split_items(text: str) -> list[str]:
    """Cut the text of a list of words into its items."""
    return text.split(BETWEEN)
