"""The supplier's own word of a code: it goes with the code when the connector's table has it, else it may tell more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.field_types import get_item_dtype, list_part_types
from passerelle.stages.gate.coarsening import holds_codes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from passerelle.contracts.contract import Contract


def drop_unknown_words(
    frame: pl.DataFrame, contract: type[Contract], words: Mapping[str, Collection[str]]
) -> tuple[pl.DataFrame, list[pl.Series]]:
    """Empty the supplier's words that stand in no code table, in fields that have a code list; count them by row.

    `words` are those of the connector's tables, by field. A field without a code list holds nothing but such words:
    they are its value, and go as the field does.
    """
    # Read once: each look at a schema makes the types of all columns anew, of `extra` perhaps thousands.
    fields, schema = contract.describe_fields(), frame.schema
    coded = [name for name, meta in fields.items() if meta.codes and holds_codes(schema.get(name))]
    unknown = {name: _find_unknown(pl.col(name), schema[name], tuple(words.get(name, ()))) for name in coded}
    if not unknown:
        return frame, []
    # Usually every word is of the table: then nothing is rebuilt.
    counts = frame.select(_count(flag, schema[name]).alias(name) for name, flag in unknown.items())
    found = [column for column in counts if column.sum()]
    emptied = [
        _empty_words(pl.col(one.name), schema[one.name], tuple(words.get(one.name, ()))).alias(one.name)
        for one in found
    ]
    return (frame.with_columns(emptied) if emptied else frame), found


def _find_unknown(value: pl.Expr, dtype: pl.DataType, words: tuple[str, ...]) -> pl.Expr:
    """Return whether the word of a value is in no table; of a list, of each item."""
    if isinstance(dtype, pl.List):
        return value.list.eval(_find_unknown(pl.element(), get_item_dtype(dtype), words))
    word, code = value.struct.field("original"), value.struct.field("code")
    # A word that is the code itself tells nothing more.
    return word.is_not_null() & ~word.is_in(words) & ~word.eq_missing(code)


def _count(unknown: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return (unknown.list.sum() if isinstance(dtype, pl.List) else unknown).fill_null(0).cast(pl.Int64)


def _empty_words(value: pl.Expr, dtype: pl.DataType, words: tuple[str, ...]) -> pl.Expr:
    if isinstance(dtype, pl.List):
        kept = value.list.eval(_empty_words(pl.element(), get_item_dtype(dtype), words).drop_nulls())
        return pl.when(kept.list.len() > 0).then(kept)
    unknown = _find_unknown(value, dtype, words)
    parts = list_part_types(dtype) if isinstance(dtype, pl.Struct) else {}
    pieces = [
        (pl.when(~unknown).then(value.struct.field(name)) if name == "original" else value.struct.field(name)).alias(
            name
        )
        for name in parts
    ]
    # A value that was nothing but the word is nothing without it.
    is_known = value.is_not_null() & (value.struct.field("code").is_not_null() | ~unknown)
    return pl.when(is_known).then(pl.struct(pieces))
