"""The fast gait: all converters over all rows at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.converter import merged, sure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.slot import Slot


def evaluate(cells: pl.DataFrame, slots: Sequence[Slot]) -> list[tuple[pl.Series, pl.Series] | None]:
    """Give, for each slot that has a columnar face, its values and where they are sure.

    Raises PolarsError when a face cannot be evaluated: the plan has rehearsed it, so that this is a mistake of ours.
    """
    faces = {nth: slot.face for nth, slot in enumerate(slots) if slot.face is not None}
    for step in merged(faces.values()):
        cells = cells.with_columns(made.alias(name) for name, made in step.items())
    # A constant alone would give one row: the row numbers hold the height.
    height = pl.int_range(pl.len()).alias("row")
    values = cells.select(height, *(face.value.alias(f"value {nth}") for nth, face in faces.items()))
    # Values first: what is sure is often told by them, and would otherwise be computed twice.
    both = cells.hstack(values)
    known = {nth: replace(face, value=pl.col(f"value {nth}")) for nth, face in faces.items()}
    plain = both.select(height, *(sure(face, slots[nth].columns).alias(f"plain {nth}") for nth, face in known.items()))
    return [(values[f"value {nth}"], plain[f"plain {nth}"]) if nth in faces else None for nth, slot in enumerate(slots)]
