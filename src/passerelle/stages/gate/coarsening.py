"""Days and moments as the beginning of their day, week or band of years; codes without the supplier's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.field_types import get_item_dtype, list_part_types, list_shapes
from passerelle.contracts.types import FieldKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.release import Release

BAND_YEARS = 10
"""Width of a band of years: a birth in 1947 is told as 1940."""


def coarsen(frame: pl.DataFrame, contract: type[Contract], releases: Mapping[str, Release]) -> pl.DataFrame:
    """Return records in which days and moments are coarse and codes stand alone. Columnar: one expression a field."""
    shapes, fields = list_shapes(contract), contract.describe_fields()
    changed = []
    for name, dtype in frame.schema.items():
        release = releases.get(name)
        if release is None:
            continue
        if release.step:
            changed.append(_make_coarse(pl.col(name), shapes[name].kind, release.step).alias(name))
        elif release.least and holds_codes(dtype):
            # A word of a list that has no codes is all the value there is: groups alone keep it from telling.
            changed.append(_keep_code(pl.col(name), dtype, with_word=not fields[name].codes).alias(name))
    return frame.with_columns(changed) if changed else frame


def _make_coarse(value: pl.Expr, kind: FieldKind, step: str) -> pl.Expr:
    if kind is FieldKind.PARTIAL_DAY:
        year = value.str.head(4).cast(pl.Int32, strict=False)
        return (year // BAND_YEARS * BAND_YEARS).cast(pl.String).str.zfill(4)
    day = value.str.head(10)
    if step == "week":
        # By the local day of the value, so that a Sunday night stays in its week.
        day = day.str.to_date("%Y-%m-%d", strict=False).dt.truncate("1w").dt.strftime("%Y-%m-%d")
    return day + "T00:00:00" + value.str.slice(19) if kind is FieldKind.INSTANT else day


def holds_codes(dtype: pl.DataType | None) -> bool:
    """Whether values are codes with the supplier's words, one or a list of them."""
    inside = get_item_dtype(dtype) if isinstance(dtype, pl.List) else dtype
    return isinstance(inside, pl.Struct) and {"code", "original"} <= set(list_part_types(inside))


def _keep_code(value: pl.Expr, dtype: pl.DataType, *, with_word: bool) -> pl.Expr:
    if isinstance(dtype, pl.List):
        kept = value.list.eval(_keep_code(pl.element(), get_item_dtype(dtype), with_word=with_word).drop_nulls())
        # In a fixed order, which is nobody's habit of writing, and without items of which nothing is left.
        return pl.when(kept.list.len() > 0).then(kept)
    parts = list_part_types(dtype) if isinstance(dtype, pl.Struct) else {}
    code = value.struct.field("code")
    stays = {"code", "system"} | ({"original"} if with_word else set())
    pieces = [
        (value.struct.field(name) if name in stays else pl.lit(None, part)).alias(name) for name, part in parts.items()
    ]
    is_known = code.is_not_null() | (value.struct.field("original").is_not_null() if with_word else pl.lit(value=False))
    return pl.when(is_known).then(pl.struct(pieces))
