"""Which lane judges what: for people who want to know why a connector is slower than another."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.validate import express
from passerelle.stages.validate.node import tree
from passerelle.vocabulary.parcels import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.stages.validate.node import Node
    from passerelle.vocabulary.promises import Promises


class Way(StrEnum):
    """How the values of a field, or a rule, are judged."""

    PROMISED = "promised"
    """The converter gives nothing else: only rows done by record are looked at."""
    EXPRESS = "express"
    """Column by column; what does not plainly fit goes to the verdict."""
    VERDICT = "verdict"
    """The contract asks for more than columns can say: every row that has a value goes to the verdict."""


def ways(contract: type[Contract], promises: Promises, fields: Mapping[str, pl.DataType]) -> dict[str, Way]:
    """Say how each field of a mapping is judged, and each rule of the contract, by its code."""
    nodes = tree(contract).fields
    kept = express.kept(contract, promises, fields)
    found = {name: Way.PROMISED if name in kept else _way(nodes[name]) for name in fields}
    rules = {rule.code: Way.EXPRESS if rule.plainly else Way.VERDICT for rule in contract.rules}
    return {**found, **rules}


def _way(node: Node) -> Way:
    return Way.EXPRESS if _is_certain(node) else Way.VERDICT


def _is_certain(node: Node) -> bool:
    inside = (*node.fields.values(), *((node.item,) if node.item else ()))
    return node.certain and all(map(_is_certain, inside))


def doubted(frame: pl.DataFrame, contract: type[Contract]) -> dict[str, int]:
    """Count, of rows that went to the verdict, those that each field or rule sent there; one row may count in several.

    Required fields that no column fills count too.
    """
    if not frame.height:
        return {}
    fields = tuple((name, dtype) for name, dtype in frame.schema.items() if name != ROW)
    asked = express.asked(contract, fields, None)
    fitting = frame.select(expr.fill_null(value=False).alias(name) for name, expr in asked.items())
    keys = express.numbers(frame, contract)
    fitting = fitting.with_columns(fitting.get_column(right.name) & right for right in keys)
    holding = express.typed(frame, contract).select(
        express.holds(rule, contract).fill_null(value=False).alias(rule.code) for rule in contract.rules
    )
    everything = pl.concat([fitting, holding], how="horizontal") if holding.width else fitting
    counts = everything.select((~pl.all()).sum()).row(0, named=True)
    return {name: count for name, count in counts.items() if count}
