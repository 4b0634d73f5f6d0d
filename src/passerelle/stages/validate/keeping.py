"""Which promises of a mapping satisfy a contract: judged once for a table and a contract, not once a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts import types
from passerelle.contracts.layout import shape_of
from passerelle.contracts.types import TEXT, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.stages.validate.node import Node
    from passerelle.vocabulary.promises import Promise

_FORMS = (types.Urn, types.Day, types.PartialDay, types.Instant, types.Amount, types.Quantity)
_SHAPES = {shape.kind: shape for shape in map(shape_of, _FORMS)}


def keeps(promise: Promise, node: Node, fits: Callable[[pl.Series], bool]) -> bool:
    """Say whether all that is promised surely is what the contract asks for. `fits` looks at values, every one."""
    if promise.values:
        return fits(pl.Series("value", [_plain(value) for value in promise.values]))
    if not node.certain or promise.kind != node.kind:
        return False
    if node.kind is Kind.TEXT:
        longest = node.max_length is None or 0 < promise.longest <= node.max_length
        return longest and node.min_length <= 1 and set(node.patterns) <= {TEXT}
    shape = _SHAPES.get(node.kind)
    return shape is not None and (node.patterns, node.min_length, node.max_length) == (
        (shape.pattern,),
        shape.min_length,
        shape.max_length,
    )


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value
