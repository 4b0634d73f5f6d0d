"""The fast lane: admits, column by column, only rows that cannot be refused and need no warning.

True means that the verdict surely admits the row without a finding; everything else is the verdict's. Delete this
module and only the speed changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import polars as pl

from passerelle.contracts.canonical import absent
from passerelle.contracts.layout import columns, inner, parts
from passerelle.contracts.types import Coded, Identifier, Kind
from passerelle.stages.validate.doubt import codes_of, names_of
from passerelle.stages.validate.keeping import keeps
from passerelle.stages.validate.node import tree
from passerelle.stages.validate.numbers import all_plainly_right, plainly_right
from passerelle.vocabulary.parcels import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from passerelle.contracts.contract import Contract, Rule
    from passerelle.stages.validate.node import Node
    from passerelle.vocabulary.promises import Promises

    Fields = tuple[tuple[str, pl.DataType], ...]

_NO = pl.lit(False)


@dataclass(frozen=True, slots=True)
class Sure:
    """What is sure of each row: Boolean columns without nulls."""

    valid: pl.Series
    """Nothing in it is against the contract; only the keys of numbers may raise a doubt."""
    plain: pl.Series
    """And they raise none: the row passes."""


def sure(
    frame: pl.DataFrame,
    contract: type[Contract],
    *,
    promises: Promises | None = None,
    unpromised: Sequence[int] = (),
) -> Sure:
    """Look at all rows at once.

    What `promises` say of whole columns is not looked at again, but in the rows `unpromised` (as in `ROW`).
    """
    valid = _fitting(frame, contract, promises)
    if promises is not None and len(unpromised):
        rows = frame.get_column(ROW).is_in(pl.Series(unpromised, dtype=pl.UInt32).implode())
        valid = valid.scatter(rows.arg_true(), _fitting(frame.filter(rows), contract, None))
    if contract.rules:
        valid &= typed(frame, contract).select(_rules_hold(contract).alias("valid")).to_series()
    plain = valid
    for right in numbers(frame, contract):
        plain = plain & right
    return Sure(valid, plain)


def _fitting(frame: pl.DataFrame, contract: type[Contract], promises: Promises | None) -> pl.Series:
    return frame.select(_records_fit(contract, _layout(frame), promises).alias("valid")).to_series()


def _layout(frame: pl.DataFrame) -> Fields:
    """Return the columns of a frame, as a key under which what is compiled for them is kept."""
    return tuple((name, dtype) for name, dtype in frame.schema.items() if name != ROW)


def numbers(frame: pl.DataFrame, contract: type[Contract]) -> list[pl.Series]:
    """Say, for each list of identifiers, in which rows all their keys surely are right."""
    return [
        all_plainly_right(frame.get_column(name))
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List) and _holds_numbers(tree(contract).fields.get(name))
    ]


@lru_cache(maxsize=256)
def _records_fit(contract: type[Contract], fields: Fields, promises: Promises | None) -> pl.Expr:
    return _all([pl.repeat(True, pl.len()), *asked(contract, fields, promises).values()])


def asked(contract: type[Contract], fields: Fields, promises: Promises | None) -> dict[str, pl.Expr]:
    """Compile what a contract asks of each field that is not promised, for frames of one layout."""
    root = tree(contract)
    usable = _usable(contract, dict(fields))
    promised = kept(contract, promises, usable) if promises else set()
    fit = {
        name: pl.col(name).is_not_null()
        if name in promised
        else _member_fits(pl.col(name), dtype, _unnumbered(root.fields[name]))
        for name, dtype in usable.items()
        if name not in promised or root.fields[name].required
    }
    strange = {name: absent(pl.col(name), dtype) for name, dtype in fields if name not in usable}
    wanted = [name for name, node in root.fields.items() if (node.required or not root.certain) and name not in usable]
    missing = dict.fromkeys(wanted, pl.repeat(False, pl.len()))
    whole = {} if root.certain else {"ref": pl.repeat(False, pl.len())}
    return {**fit, **strange, **missing, **whole}


def _usable(contract: type[Contract], fields: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """Return the fields that have the type of the contract."""
    expected, nodes = columns(contract), tree(contract).fields
    return {
        name: dtype
        for name, dtype in fields.items()
        if name in expected and (dtype == expected[name] or nodes[name].kind is Kind.MAP)
    }


def kept(contract: type[Contract], promises: Promises, fields: Mapping[str, pl.DataType]) -> set[str]:
    """Return the names of the fields of which all that is promised is what the contract asks for."""
    nodes = tree(contract).fields
    return {
        name
        for name, promise in promises.fields.items()
        if name in fields and keeps(promise, _unnumbered(nodes[name]), fields[name], _every_fits)
    }


def _every_fits(values: pl.Series, dtype: pl.DataType, node: Node) -> bool:
    """Look at all the values that a field can have."""
    typed = pl.DataFrame([values.rename("value")], schema={"value": dtype}, strict=False)
    return typed.select(_fits(pl.col("value"), dtype, node)).to_series().fill_null(value=False).all()


def _holds_numbers(node: Node | None) -> bool:
    return node is not None and node.item is not None and node.item.model is Identifier


def _unnumbered(node: Node) -> Node:
    """Leave the keys of a list of identifiers out: they are looked at all together, outside of the lists."""
    return replace(node, item=replace(node.item, model=None)) if node.item and _holds_numbers(node) else node


@lru_cache(maxsize=256)
def _rules_hold(contract: type[Contract]) -> pl.Expr:
    return _all([pl.repeat(True, pl.len()), *(holds(rule, contract) for rule in contract.rules)])


def holds(rule: Rule, contract: type[Contract]) -> pl.Expr:
    """Mark where a rule surely holds; a rule without columnar face, where it has nothing to say."""
    if rule.plainly is not None:
        return rule.plainly()
    expected = columns(contract)
    return _all(absent(pl.col(name), expected[name]) for name in rule.fields)


def typed(frame: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """Return rules every column of the contract; one that the frame lacks, or has in another type, is unknown.

    So is an object, or a list, that they read and that holds nothing but unknowns: to a record it is not there.
    """
    return frame.select(_typed(contract, _layout(frame)))


@lru_cache(maxsize=256)
def _typed(contract: type[Contract], fields: Fields) -> tuple[pl.Expr, ...]:
    found, read = dict(fields), {name for rule in contract.rules for name in rule.fields}

    def column(name: str, dtype: pl.DataType) -> pl.Expr:
        if found.get(name) != dtype:
            return pl.repeat(None, pl.len(), dtype=dtype).alias(name)
        if name in read and dtype.is_nested():
            return pl.when(~absent(pl.col(name), dtype)).then(pl.col(name)).alias(name)
        return pl.col(name)

    return tuple(column(name, dtype) for name, dtype in columns(contract).items())


def _all(conditions: Iterable[pl.Expr]) -> pl.Expr:
    return pl.all_horizontal(pl.lit(True), *conditions).fill_null(value=False)


def _member_fits(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    if node.required:
        return _all([~absent(value, dtype), _fits(value, dtype, node)])
    if isinstance(dtype, pl.List) and not node.min_length:
        return pl.any_horizontal(value.is_null(), _fits(value, dtype, node))
    return pl.any_horizontal(absent(value, dtype), _fits(value, dtype, node))


def _fits(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    """Mark where a value that is there surely fits; false or null where that is not sure."""
    wanted, fits = _KINDS.get(node.kind, (pl.String, _text_fits))
    return fits(value, dtype, node) if node.certain and isinstance(dtype, wanted) else _NO


def _object_fits(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    found = _parts(dtype)
    if any(wanted.required and name not in found for name, wanted in node.fields.items()):
        return _NO
    asked = [_part_fits(value.struct.field(name), part, node.fields.get(name)) for name, part in found.items()]
    if node.model is Coded:
        asked.append(_code_fits(value, node))
    if node.model is Identifier:
        asked.append(plainly_right(value.struct.field("system"), value.struct.field("value")))
    return _all(asked)


def _part_fits(value: pl.Expr, dtype: pl.DataType, node: Node | None) -> pl.Expr:
    return absent(value, dtype) if node is None else _member_fits(value, dtype, node)


def _code_fits(value: pl.Expr, node: Node) -> pl.Expr:
    """State what the model of a coded value checks, and that its code is in the list it should come from."""
    code, original = value.struct.field("code"), value.struct.field("original")
    said = code.is_not_null() | original.is_not_null()
    if not node.codes:
        return said
    elsewhere = ~value.struct.field("system").is_in(sorted(names_of(node.codes)))
    return said & pl.any_horizontal(code.is_null(), code.is_in(sorted(codes_of(node.codes))), elsewhere)


def _map_fits(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    return _all(_part_fits(value.struct.field(name), part, node.item) for name, part in _parts(dtype).items())


def _list_fits(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    item = inner(cast("pl.List", dtype))
    asked = [value.list.eval(_all([_part_fits(pl.element(), item, node.item)])).list.all()]
    if node.max_length is not None:
        asked.append(value.list.len() <= node.max_length)
    if node.min_length:
        asked.append(value.list.eval(~absent(pl.element(), item)).list.sum() >= node.min_length)
    return _all(asked)


def _flag_fits(value: pl.Expr, _dtype: pl.DataType, _node: Node) -> pl.Expr:
    return value.is_not_null()


def _integer_fits(value: pl.Expr, _dtype: pl.DataType, node: Node) -> pl.Expr:
    asked = [value.is_not_null()]
    if node.minimum is not None:
        asked.append(value >= node.minimum)
    if node.maximum is not None:
        asked.append(value <= node.maximum)
    return _all(asked)


def _text_fits(value: pl.Expr, _dtype: pl.DataType, node: Node) -> pl.Expr:
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
    """Mark where the day exists: polars' calendar is Python's, but for the year 0."""
    day = value.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return day.is_not_null() & ~value.str.starts_with("0000")


def _parts(dtype: pl.DataType) -> dict[str, pl.DataType]:
    return parts(cast("pl.Struct", dtype))


_KINDS: dict[Kind, tuple[type[pl.DataType], Callable[[pl.Expr, pl.DataType, Node], pl.Expr]]] = {
    Kind.OBJECT: (pl.Struct, _object_fits),
    Kind.MAP: (pl.Struct, _map_fits),
    Kind.LIST: (pl.List, _list_fits),
    Kind.FLAG: (pl.Boolean, _flag_fits),
    Kind.INTEGER: (pl.Int64, _integer_fits),
}
"""What is not here is a text: all other kinds are, in their canonical form."""
