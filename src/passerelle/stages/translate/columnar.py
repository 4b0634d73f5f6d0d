"""The fast gait: all converters over all rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.slot import Slot


def evaluate(cells: pl.DataFrame, slots: Sequence[Slot]) -> list[tuple[pl.Series, pl.Series] | None]:
    """Give, for each slot that has a columnar face, its values and where they are sure.

    Raises PolarsError when a face does not fit the type of its field.
    """
    wanted = []
    for nth, slot in enumerate(slots):
        if slot.face is not None:
            wanted.append(slot.face.value.cast(slot.dtype).alias(f"value {nth}"))
            wanted.append(slot.face.plain.fill_null(False).alias(f"plain {nth}"))
    # A constant alone would give one row: the row numbers hold the height.
    frame = cells.lazy().select(*wanted, pl.int_range(pl.len()).alias("row")).collect()
    return [
        None if slot.face is None else (frame[f"value {nth}"], frame[f"plain {nth}"]) for nth, slot in enumerate(slots)
    ]
