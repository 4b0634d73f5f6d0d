"""Records as a flat table: an object becomes dotted columns, a list numbered ones (`telecoms.1.value`)."""

from __future__ import annotations

import polars as pl


def flatten(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the same rows without nested columns. A list has as many columns as its longest one in this batch."""
    while any(dtype.is_nested() for dtype in frame.schema.values()):
        frame = frame.select([part for name in frame.columns for part in _list_parts(frame, name)])
    return frame


def _list_parts(frame: pl.DataFrame, name: str) -> list[pl.Expr]:
    dtype = frame.schema[name]
    if isinstance(dtype, pl.Struct):
        return [pl.col(name).struct.field(field.name).alias(f"{name}.{field.name}") for field in dtype.fields]
    if isinstance(dtype, pl.List):
        longest = frame.get_column(name).list.len().max()
        return [
            pl.col(name).list.get(place, null_on_oob=True).alias(f"{name}.{place + 1}")
            for place in range(int(longest) if isinstance(longest, int) else 0)
        ]
    return [pl.col(name)]
