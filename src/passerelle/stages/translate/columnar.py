"""Columnar translation: evaluate the expressions of all converters over all rows at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.converter import mark_plain, merge_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.slot import ConverterSlot


def evaluate(cells: pl.DataFrame, slots: Sequence[ConverterSlot]) -> list[tuple[pl.Series, pl.Series] | None]:
    """Return, for each slot, its values and the mask of the rows they are sure in; None for a slot without expressions.

    Raises PolarsError when an expression cannot be evaluated; the plan has rehearsed all of them on an empty frame.
    """
    columnars = {nth: slot.columnar for nth, slot in enumerate(slots) if slot.columnar is not None}
    for step in merge_steps(columnars.values()):
        cells = cells.with_columns(expr.alias(name) for name, expr in step.items())
    # A constant alone would give one row: the row numbers hold the height.
    height = pl.int_range(pl.len()).alias("row")
    values = cells.select(height, *(columnar.value.alias(f"value {nth}") for nth, columnar in columnars.items()))
    # Values first: `plain` is often derived from them, and they would otherwise be computed twice.
    both = cells.hstack(values)
    evaluated = {nth: replace(columnar, value=pl.col(f"value {nth}")) for nth, columnar in columnars.items()}
    plain = both.select(
        height, *(mark_plain(columnar, slots[nth].columns).alias(f"plain {nth}") for nth, columnar in evaluated.items())
    )
    return [
        (values[f"value {nth}"], plain[f"plain {nth}"]) if nth in columnars else None for nth, slot in enumerate(slots)
    ]
