"""Which path of validation checks what: to find out why one connector is slower than another."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.validate.contract_tree import read_tree
from passerelle.stages.validate.doubts import NO_SETTING, DoubtSetting, check_doubts
from passerelle.stages.validate.fast_path import (
    align_columns,
    check_keys,
    compile_field_checks,
    compile_rule,
    list_guaranteed,
)
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.stages.validate.contract_tree import Node
    from passerelle.vocabulary.guarantees import Guarantees


class ValidationPath(StrEnum):
    """How the values of a field, or a rule, are checked."""

    GUARANTEED = "promised"
    """Guaranteed by the converter: only rows that were translated row-wise are checked."""
    FAST = "express"
    """Fast path, column by column; rows of which that is not sure go to the model path."""
    MODEL = "verdict"
    """Model path: the contract asks for more than columns can check, of every row that has a value."""


def list_paths(
    contract: type[Contract], guarantees: Guarantees, fields: Mapping[str, pl.DataType]
) -> dict[str, ValidationPath]:
    """Return how each field of a mapping, and each rule of the contract (by its code), is checked."""
    nodes = read_tree(contract).fields
    by_field = {name: ValidationPath.FAST if _is_certain(nodes[name]) else ValidationPath.MODEL for name in fields}
    by_field |= dict.fromkeys(list_guaranteed(contract, guarantees, fields), ValidationPath.GUARANTEED)
    rules = {rule.code: ValidationPath.FAST if rule.columnar else ValidationPath.MODEL for rule in contract.rules}
    return {**by_field, **rules}


def _is_certain(node: Node) -> bool:
    inside = (*node.fields.values(), *((node.item,) if node.item else ()))
    return node.certain and all(map(_is_certain, inside))


def count_doubtful(frame: pl.DataFrame, contract: type[Contract], setting: DoubtSetting = NO_SETTING) -> dict[str, int]:
    """Count, of rows that took the model path, those that each field or rule sent there; a row may count in several.

    Required fields that no column fills count too, and so do kinds of doubts (`doubts.days`).
    """
    if not frame.height:
        return {}
    fields = tuple((name, dtype) for name, dtype in frame.schema.items() if name != ROW)
    asked = compile_field_checks(contract, fields, None)
    fitting = frame.select(expr.fill_null(value=False).alias(name) for name, expr in asked.items())
    keys = check_keys(frame, contract)
    fitting = fitting.with_columns(fitting.get_column(right.name) & right for right in keys)
    holding = align_columns(frame, contract).select(
        compile_rule(rule, contract).fill_null(value=False).alias(rule.code) for rule in contract.rules
    )
    doubts = [rows.alias(f"doubts.{kind}") for kind, rows in check_doubts(frame, contract, setting).items()]
    everything = fitting.hstack(holding.get_columns()).hstack(doubts)
    counts = everything.select((~pl.all()).sum()).row(0, named=True)
    return {name: count for name, count in counts.items() if count}
