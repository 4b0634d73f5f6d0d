"""The fast path of validation: accept, column by column, only rows that cannot be refused and need no warning.

True means that the model path would accept the row without a finding; every other row is left to it. Without this
module only the speed would change.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, cast

import polars as pl

from passerelle.contracts.canonical import is_absent
from passerelle.contracts.field_types import get_item_dtype, list_columns, list_part_types
from passerelle.contracts.types import Coded, FieldKind, Identifier
from passerelle.stages.validate.contract_tree import read_tree
from passerelle.stages.validate.doubts import NO_SETTING, DoubtSetting, check_doubts, list_codes, list_system_names
from passerelle.stages.validate.guarantee_checks import can_trust
from passerelle.stages.validate.number_keys import check_key_lists, compile_key_check
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from passerelle.contracts.contract import Contract, Rule
    from passerelle.stages.validate.contract_tree import Node
    from passerelle.vocabulary.guarantees import Guarantees

    Fields = tuple[tuple[str, pl.DataType], ...]

_CELLS = 1_000_000
"""Cells of maps that are checked at once."""
_NO = pl.lit(False)


@dataclass(frozen=True, slots=True)
class RowChecks:
    """What the fast path found out about each row: Boolean columns without nulls."""

    valid: pl.Series
    """The row satisfies the contract; only doubts about its values may still raise a warning."""
    plain: pl.Series
    """There is none either: the row is accepted."""
    undoubted: pl.Series
    """Each field is right, and of what may still be doubtful only numbers and codes are left to look at."""


def check_rows(
    frame: pl.DataFrame,
    contract: type[Contract],
    *,
    guarantees: Guarantees | None = None,
    rows_without_guarantee: Sequence[int] = (),
    setting: DoubtSetting = NO_SETTING,
) -> RowChecks:
    """Check all rows at once.

    Columns that have `guarantees` are checked only in the rows `rows_without_guarantee` (numbered as in `ROW`).
    """
    valid = _check_fields(frame, contract, guarantees)
    if guarantees is not None and len(rows_without_guarantee):
        rows = frame.get_column(ROW).is_in(pl.Series(rows_without_guarantee, dtype=pl.UInt32).implode())
        valid = valid.scatter(rows.arg_true(), _check_fields(frame.filter(rows), contract, None))
    undoubted = valid
    if contract.rules:
        valid &= align_columns(frame, contract).select(_compile_rules(contract).alias("valid")).to_series()
    for right in check_doubts(frame, contract, setting).values():
        undoubted = undoubted & right
    plain = valid & undoubted
    for right in check_keys(frame, contract):
        plain = plain & right
    return RowChecks(valid, plain, undoubted)


def _check_fields(frame: pl.DataFrame, contract: type[Contract], guarantees: Guarantees | None) -> pl.Series:
    return frame.select(_compile_record_check(contract, list_dtypes(frame), guarantees).alias("valid")).to_series()


def list_dtypes(frame: pl.DataFrame) -> Fields:
    """Return the columns of a frame, as a key of the caches of compiled expressions."""
    return tuple((name, dtype) for name, dtype in frame.schema.items() if name != ROW)


def check_keys(frame: pl.DataFrame, contract: type[Contract]) -> list[pl.Series]:
    """Return, for each list of identifiers, the rows in which all their keys surely are right."""
    return [
        check_key_lists(frame.get_column(name))
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List) and _has_numbers(read_tree(contract).fields.get(name))
    ]


@lru_cache(maxsize=256)
def _compile_record_check(contract: type[Contract], fields: Fields, guarantees: Guarantees | None) -> pl.Expr:
    # A literal alone would give one row: `repeat` holds the height.
    return _combine([pl.repeat(True, pl.len()), *compile_field_checks(contract, fields, guarantees).values()])


def compile_field_checks(contract: type[Contract], fields: Fields, guarantees: Guarantees | None) -> dict[str, pl.Expr]:
    """Compile the checks of a contract for frames of one layout, by field; a guaranteed one is only required."""
    root = read_tree(contract)
    expected = list_columns(contract)
    usable = {
        name: dtype
        for name, dtype in fields
        # A map has the keys of the batch: its type differs from frame to frame.
        if name in expected and (dtype == expected[name] or root.fields[name].kind is FieldKind.MAP)
    }
    guaranteed = list_guaranteed(contract, guarantees, usable) if guarantees else set()
    fit = {
        name: pl.col(name).is_not_null()
        if name in guaranteed
        else _check_member(pl.col(name), dtype, _skip_key_check(root.fields[name]))
        for name, dtype in usable.items()
        if name not in guaranteed or root.fields[name].required
    }
    unexpected = {name: is_absent(pl.col(name), dtype) for name, dtype in fields if name not in usable}
    wanted = [name for name, node in root.fields.items() if (node.required or not root.certain) and name not in usable]
    missing = dict.fromkeys(wanted, pl.repeat(False, pl.len()))
    # Of what the tree cannot express no column is proof: every row goes to the model path.
    whole = {} if root.certain else {"ref": pl.repeat(False, pl.len())}
    return {**fit, **unexpected, **missing, **whole}


def list_guaranteed(contract: type[Contract], guarantees: Guarantees, fields: Mapping[str, pl.DataType]) -> set[str]:
    """Return the fields whose guarantee covers all that the contract asks of them."""
    nodes = read_tree(contract).fields
    return {
        name
        for name, guarantee in guarantees.fields.items()
        if name in fields and can_trust(guarantee, _skip_key_check(nodes[name]), fields[name], _check_every_value)
    }


def _check_every_value(values: pl.Series, dtype: pl.DataType, node: Node) -> bool:
    """Whether each of the values that a field can have satisfies the contract."""
    frame = pl.DataFrame([values.rename("value")], schema={"value": dtype}, strict=False)
    return frame.select(_check_value(pl.col("value"), dtype, node)).to_series().fill_null(value=False).all()


def _has_numbers(node: Node | None) -> bool:
    return node is not None and node.item is not None and node.item.model is Identifier


def _skip_key_check(node: Node) -> Node:
    """Drop the key check from a list of identifiers: `check_keys` does it on all items at once, outside the lists."""
    return replace(node, item=replace(node.item, model=None)) if node.item and _has_numbers(node) else node


@lru_cache(maxsize=256)
def _compile_rules(contract: type[Contract]) -> pl.Expr:
    return _combine([pl.repeat(True, pl.len()), *(compile_rule(rule, contract) for rule in contract.rules)])


def compile_rule(rule: Rule, contract: type[Contract]) -> pl.Expr:
    """Mark the rows in which a rule surely holds; without a columnar form, those in which its fields are empty."""
    if rule.columnar is not None:
        return rule.columnar()
    expected = list_columns(contract)
    return _combine(is_absent(pl.col(name), expected[name]) for name in rule.fields)


def align_columns(frame: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """Return a frame with every column of the contract, for its rules; one that is absent or of another type is null.

    So is an object, or a list, that they read and that holds only nulls: a record would not have it.
    """
    return frame.select(_compile_alignment(contract, list_dtypes(frame)))


@lru_cache(maxsize=256)
def _compile_alignment(contract: type[Contract], fields: Fields) -> tuple[pl.Expr, ...]:
    there, read = dict(fields), {name for rule in contract.rules for name in rule.fields}

    def align_column(name: str, dtype: pl.DataType) -> pl.Expr:
        if there.get(name) != dtype:
            return pl.repeat(None, pl.len(), dtype=dtype).alias(name)
        if name in read and dtype.is_nested():
            return pl.when(~is_absent(pl.col(name), dtype)).then(pl.col(name)).alias(name)
        return pl.col(name)

    return tuple(align_column(name, dtype) for name, dtype in list_columns(contract).items())


def _combine(conditions: Iterable[pl.Expr]) -> pl.Expr:
    return pl.all_horizontal(pl.lit(True), *conditions).fill_null(value=False)


def _check_member(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    if node.required:
        return _combine([~is_absent(value, dtype), _check_value(value, dtype, node)])
    if isinstance(dtype, pl.List) and not node.min_length:
        return pl.any_horizontal(value.is_null(), _check_value(value, dtype, node))
    return pl.any_horizontal(is_absent(value, dtype), _check_value(value, dtype, node))


def _check_value(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    """Mark the values that surely satisfy a node; false or null where that is not sure. Nulls are not its business."""
    wanted, fits = _CHECKS.get(node.kind, (pl.String, _check_text))
    return fits(value, dtype, node) if node.certain and isinstance(dtype, wanted) else _NO


def _check_object(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    there = list_part_types(cast("pl.Struct", dtype))
    if any(wanted.required and name not in there for name, wanted in node.fields.items()):
        return _NO
    checks = [_check_part(value.struct.field(name), part, node.fields.get(name)) for name, part in there.items()]
    if node.model is Coded:
        checks.append(_check_code(value, node))
    if node.model is Identifier:
        checks.append(compile_key_check(value.struct.field("system"), value.struct.field("value")))
    return _combine(checks)


def _check_part(value: pl.Expr, dtype: pl.DataType, node: Node | None) -> pl.Expr:
    return is_absent(value, dtype) if node is None else _check_member(value, dtype, node)


def _check_code(value: pl.Expr, node: Node) -> pl.Expr:
    """Check what the model of a coded value checks, and that its code is in the list it should come from."""
    code, original = value.struct.field("code"), value.struct.field("original")
    is_filled = code.is_not_null() | original.is_not_null()
    if not node.codes:
        return is_filled
    # Null where there is no system: the code is then one of this list, or is not accepted.
    elsewhere = ~value.struct.field("system").is_in(sorted(list_system_names(node.codes)))
    return is_filled & pl.any_horizontal(code.is_null(), code.is_in(sorted(list_codes(node.codes))), elsewhere)


def _check_list(value: pl.Expr, dtype: pl.DataType, node: Node) -> pl.Expr:
    item = get_item_dtype(cast("pl.List", dtype))
    checks = [value.list.eval(_combine([_check_part(pl.element(), item, node.item)])).list.all()]
    if node.max_length is not None:
        checks.append(value.list.len() <= node.max_length)
    if node.min_length:
        checks.append(value.list.eval(~is_absent(pl.element(), item)).list.sum() >= node.min_length)
    return _combine(checks)


def _check_cells(node: Node, cells: pl.Series) -> pl.Series:
    """Mark the rows in which every cell of a map is right.

    As columns of a frame: an expression that takes a field out of a struct builds the whole struct, and a map of
    thousands of cells would be built thousands of times.
    """
    frame = cells.struct.unnest()
    valid = pl.repeat(True, frame.height, eager=True)
    for together in _group_columns(frame):
        dtype = together[0].dtype
        if isinstance(dtype, pl.Struct):
            rights = [_check_part_now(cells, node.item) for cells in together]
        else:
            # one below the other: one expression for all, not one for each
            right = _check_part_now(pl.concat(together).rename("cells"), node.item)
            rights = [right.slice(place * frame.height, frame.height) for place in range(len(together))]
        for right in rights:
            valid = valid & right
    return valid


def _group_columns(frame: pl.DataFrame) -> Iterator[list[pl.Series]]:
    """Yield columns of one type, as many at a time as have some number of cells."""
    most = max(1, _CELLS // max(1, frame.height))
    by_type: dict[pl.DataType, list[pl.Series]] = {}
    for column in frame:
        by_type.setdefault(column.dtype, []).append(column)
    for columns in by_type.values():
        for start in range(0, len(columns), most):
            yield columns[start : start + most]


def _check_part_now(values: pl.Series, node: Node | None) -> pl.Series:
    return values.to_frame().select(_combine([_check_part(pl.col(values.name), values.dtype, node)])).to_series()


def _check_integer(value: pl.Expr, _dtype: pl.DataType, node: Node) -> pl.Expr:
    checks = [value.is_not_null()]
    if node.minimum is not None:
        checks.append(value >= node.minimum)
    if node.maximum is not None:
        checks.append(value <= node.maximum)
    return _combine(checks)


def _check_text(value: pl.Expr, _dtype: pl.DataType, node: Node) -> pl.Expr:
    if node.kind is FieldKind.WORD:
        return value.is_in(node.words)
    checks = [value.str.contains(pattern) for pattern in node.patterns]
    if node.min_length:
        checks.append(value.str.len_chars() >= node.min_length)
    if node.max_length is not None:
        # Bytes are cheaper to count than characters, and never fewer.
        checks.append(value.str.len_bytes() <= node.max_length)
    if node.kind in (FieldKind.DAY, FieldKind.INSTANT):
        day = value.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        # polars' calendar is Python's, but for the year 0.
        checks.append(day.is_not_null() & ~value.str.starts_with("0000"))
    if node.kind is FieldKind.INSTANT:
        checks.append(~value.str.ends_with("-00:00"))  # Python writes it back as +00:00
    return _combine(checks)


_CHECKS: dict[FieldKind, tuple[type[pl.DataType], Callable[[pl.Expr, pl.DataType, Node], pl.Expr]]] = {
    FieldKind.OBJECT: (pl.Struct, _check_object),
    FieldKind.MAP: (
        pl.Struct,
        lambda value, _dtype, node: value.map_batches(partial(_check_cells, node), return_dtype=pl.Boolean),
    ),
    FieldKind.LIST: (pl.List, _check_list),
    FieldKind.FLAG: (pl.Boolean, lambda value, _dtype, _node: value.is_not_null()),
    FieldKind.INTEGER: (pl.Int64, _check_integer),
}
"""The type and the check of each kind; all other kinds are texts in their canonical form."""
