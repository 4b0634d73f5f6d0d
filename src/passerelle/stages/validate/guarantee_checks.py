"""Which guarantees of a mapping satisfy a contract: decided once for a table and a contract, not once a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts import types
from passerelle.contracts.field_types import find_shape, get_item_dtype, list_part_types
from passerelle.contracts.types import TEXT, FieldKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.stages.validate.contract_tree import Node
    from passerelle.vocabulary.guarantees import Guarantee

    Fits = Callable[[pl.Series, pl.DataType, Node], bool]

_FORMS = (types.Urn, types.Day, types.PartialDay, types.Instant, types.Amount, types.Quantity)
_SHAPES = {shape.kind: shape for shape in map(find_shape, _FORMS)}


def can_trust(guarantee: Guarantee, node: Node, dtype: pl.DataType, fits: Fits) -> bool:
    """Whether a guarantee covers all that the contract asks for. `fits` checks values, every one of them."""
    if guarantee.values:
        # A copy: the values belong to the guarantee.
        values = [dict(value) if isinstance(value, dict) else value for value in guarantee.values]
        return fits(pl.Series("value", values), dtype, node)
    if guarantee.items:
        return isinstance(dtype, pl.List) and _can_trust_items(guarantee.items, node, get_item_dtype(dtype), fits)
    if guarantee.parts:
        return isinstance(dtype, pl.Struct) and _can_trust_parts(
            dict(guarantee.parts), node, list_part_types(dtype), fits
        )
    if not node.certain or guarantee.kind != node.kind:
        return False
    if node.kind is FieldKind.TEXT:
        longest = node.max_length is None or 0 < guarantee.longest <= node.max_length
        return longest and node.min_length <= 1 and set(node.patterns) <= {TEXT}
    shape = _SHAPES.get(node.kind)
    return shape is not None and (node.patterns, node.min_length, node.max_length) == (
        (shape.pattern,),
        shape.min_length,
        shape.max_length,
    )


def _can_trust_items(items: tuple[Guarantee, ...], node: Node, dtype: pl.DataType, fits: Fits) -> bool:
    if node.item is None or not node.certain or node.min_length > 1:
        return False
    # Empty items are dropped: the list may be shorter than the guarantee, never longer.
    few = node.max_length is None or len(items) <= node.max_length
    return few and all(can_trust(item, node.item, dtype, fits) for item in items)


def _can_trust_parts(parts: Mapping[str, Guarantee], node: Node, dtypes: Mapping[str, pl.DataType], fits: Fits) -> bool:
    if node.model is not None or not node.certain or not parts.keys() <= node.fields.keys() & dtypes.keys():
        return False
    whole = all(name in parts for name, part in node.fields.items() if part.required)
    return whole and all(can_trust(part, node.fields[name], dtypes[name], fits) for name, part in parts.items())
