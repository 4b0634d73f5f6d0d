"""The fast lane: admits, column by column, only rows that cannot be refused and need no warning.

True means that the verdict surely admits the row without a finding; everything else is the verdict's. Delete this
module and only the speed changes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.layout import columns
from passerelle.contracts.types import Coded, Identifier, Kind
from passerelle.stages.validate.doubt import codes_of, names_of
from passerelle.stages.validate.node import Node, tree
from passerelle.stages.validate.numbers import plainly_right
from passerelle.vocabulary.parcels import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.contracts.contract import Contract, Rule

_YES = pl.lit(True)
_NO = pl.lit(False)


def admitted(frame: pl.DataFrame, contract: type[Contract]) -> pl.Series:
    """Say for each row whether it surely passes: a Boolean column without nulls."""
    fields = tuple((name, dtype) for name, dtype in frame.schema.items() if name != ROW)
    plain = frame.select(_records_fit(contract, fields).alias("plain")).to_series()
    if not contract.rules:
        return plain
    return plain & _typed(frame, contract).select(_rules_hold(contract).alias("plain")).to_series()


@lru_cache(maxsize=256)
def _records_fit(contract: type[Contract], fields: tuple[tuple[str, pl.DataType], ...]) -> pl.Expr:
    """Compile what a contract asks of each field, for frames of one layout."""
    root = tree(contract)
    found = dict(fields)
    if not root.certain or any(node.required and name not in found for name, node in root.fields.items()):
        return _all([_NO, pl.len() > 0])
    expected = columns(contract)
    asked = []
    for name, dtype in fields:
        node = root.fields.get(name)
        if node is None or (node.kind is not Kind.MAP and dtype != expected[name]):
            asked.append(_absent(pl.col(name), dtype))  # a stranger to the contract, or to its layout
        else:
            asked.append(_member_fits(pl.col(name), dtype, node))
    return _all(asked)


@lru_cache(maxsize=256)
def _rules_hold(contract: type[Contract]) -> pl.Expr:
    return _all(_rule_holds(rule, contract) for rule in contract.rules)


def _rule_holds(rule: Rule, contract: type[Contract]) -> pl.Expr:
    if rule.plainly is not None:
        return rule.plainly()
    expected = columns(contract)
    return _all(_absent(pl.col(name), expected[name]) for name in rule.fields)


def _typed(frame: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """Give rules every column of the contract; one that the frame lacks, or has in another type, is unknown."""
    found = frame.schema
    return frame.select(
        pl.col(name) if found.get(name) == dtype else pl.repeat(None, pl.len(), dtype=dtype).alias(name)
        for name, dtype in columns(contract).items()
    )


def _all(conditions: Iterable[pl.Expr]) -> pl.Expr:
    return pl.all_horizontal(_YES, *conditions).fill_null(value=False)


def _any(*conditions: pl.Expr) -> pl.Expr:
    return pl.any_horizontal(*conditions)


def _absent(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Say where canonical JSON leaves a value out: unknown, or nothing but unknowns inside."""
    if isinstance(dtype, pl.Struct):
        return pl.all_horizontal(_YES, *(_absent(value.struct.field(name), inner) for name, inner in dict(dtype).items()))
    if isinstance(dtype, pl.List):
        return _any(value.is_null(), value.list.eval(_absent(pl.element(), dtype.inner)).list.all())
    return value.is_null()


def _member_fits(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    if node.required:
        return _all([~_absent(value, dtype), _fits(value, dtype, node)])
    if isinstance(dtype, pl.List) and not node.min_length:
        return _any(value.is_null(), _fits(value, dtype, node))
    return _any(_absent(value, dtype), _fits(value, dtype, node))


def _fits(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    """Say where a value that is there surely fits; false or null where that is not sure."""
    if not node.certain:
        return _NO
    match node.kind, dtype:
        case Kind.OBJECT, pl.Struct():
            return _object_fits(value, dtype, node)
        case Kind.MAP, pl.Struct():
            return _map_fits(value, dtype, node)
        case Kind.LIST, pl.List():
            return _list_fits(value, dtype, node)
        case Kind.FLAG, pl.Boolean():
            return value.is_not_null()
        case Kind.INTEGER, pl.Int64():
            return _integer_fits(value, node)
        case _, pl.String():
            return _text_fits(value, node)
    return _NO


def _object_fits(value: pl.Expr, dtype: pl.Struct, node: Node) -> pl.Expr:
    found = dict(dtype)
    if any(inner.required and name not in found for name, inner in node.fields.items()):
        return _NO
    parts = [(value.struct.field(name), inner, node.fields.get(name)) for name, inner in found.items()]
    asked = [
        _absent(part, inner) if wanted is None else _member_fits(part, inner, wanted) for part, inner, wanted in parts
    ]
    if node.model is Coded:
        asked.append(_code_fits(value, node))
    if node.model is Identifier:
        asked.append(plainly_right(value.struct.field("system"), value.struct.field("value")))
    return _all(asked)


def _code_fits(value: pl.Expr, node: Node) -> pl.Expr:
    """State what the model of a coded value checks, and that its code is in the list it should come from."""
    code, original = value.struct.field("code"), value.struct.field("original")
    said = code.is_not_null() | original.is_not_null()
    if not node.codes:
        return said
    elsewhere = ~value.struct.field("system").is_in(sorted(names_of(node.codes)))
    return said & _any(code.is_null(), code.is_in(sorted(codes_of(node.codes))), elsewhere)


def _map_fits(value: pl.Expr, dtype: pl.Struct, node: Node) -> pl.Expr:
    if node.item is None:
        return _NO
    wanted = node.item
    return _all(_member_fits(value.struct.field(name), inner, wanted) for name, inner in dict(dtype).items())


def _list_fits(value: pl.Expr, dtype: pl.List, node: Node) -> pl.Expr:
    if node.item is None:
        return _NO
    items = value.list.eval(_all([_member_fits(pl.element(), dtype.inner, node.item)]))
    asked = [items.list.all()]
    if node.max_length is not None:
        asked.append(value.list.len() <= node.max_length)
    if node.min_length:
        there = value.list.eval(~_absent(pl.element(), dtype.inner))
        asked.append(there.list.sum() >= node.min_length)
    return _all(asked)


def _integer_fits(value: pl.Expr, node: Node) -> pl.Expr:
    asked = [value.is_not_null()]
    if node.minimum is not None:
        asked.append(value >= node.minimum)
    if node.maximum is not None:
        asked.append(value <= node.maximum)
    return _all(asked)


def _text_fits(value: pl.Expr, node: Node) -> pl.Expr:
    if node.kind is Kind.WORD:
        return value.is_in(node.words)
    asked = [value.str.contains(pattern) for pattern in node.patterns]
    if node.min_length:
        asked.append(value.str.len_chars() >= node.min_length)
    if node.max_length is not None:
        asked.append(value.str.len_bytes() <= node.max_length)  # bytes: cheaper, and never fewer than characters
    if node.kind in (Kind.DAY, Kind.INSTANT):
        asked.append(_in_the_calendar(value))
    if node.kind is Kind.INSTANT:
        asked.append(~value.str.ends_with("-00:00"))  # Python writes it back as +00:00
    return _all(asked)


def _in_the_calendar(value: pl.Expr) -> pl.Expr:
    """Say where the day exists: polars' calendar is Python's, but for the year 0."""
    day = value.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return day.is_not_null() & ~value.str.starts_with("0000")
