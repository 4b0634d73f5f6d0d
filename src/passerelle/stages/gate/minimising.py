"""Minimisation: drop the fields that a purpose does not need, and count what is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.canonical import is_absent
from passerelle.contracts.field_types import list_part_types, list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import Purpose


def check_purpose(contract: type[Contract], purpose: Purpose) -> None:
    """Raise FlowError `gate.purpose.unserved` when a field that the contract requires does not serve the purpose."""
    field_meta = contract.describe_fields()
    missing = [
        name
        for name, info in contract.model_fields.items()
        if info.is_required() and not field_meta[name].serves(purpose)
    ]
    if missing:
        raise FlowError(
            "gate.purpose.unserved", contract=contract.about.id, purpose=str(purpose), fields=", ".join(missing)
        )


def minimise(
    frame: pl.DataFrame, contract: type[Contract], purpose: Purpose, *, deliver_extra: bool
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Drop the fields that do not serve the purpose; count their known values by field (in a map: its cells).

    An explicit «nothing» is information too: `confirmed_none` keeps no name of a field that may not go.
    """
    allowed = {name for name, meta in contract.describe_fields().items() if meta.serves(purpose)}
    if deliver_extra:
        allowed.add("extra")
    withheld = [name for name in contract.model_fields if name not in allowed]
    counts = _count_withheld(frame, contract, withheld)
    needed = frame.drop(withheld, strict=False)
    if isinstance(needed.schema.get("confirmed_none"), pl.List):
        needed = needed.with_columns(pl.col("confirmed_none").list.filter(~pl.element().is_in(withheld)))
    return needed, {name: count for name, count in counts.items() if count}


def _count_withheld(frame: pl.DataFrame, contract: type[Contract], withheld: list[str]) -> dict[str, int]:
    kinds = list_shapes(contract)
    counted = [
        _count_known(pl.col(name), dtype, in_cells=kinds[name].kind is FieldKind.MAP).alias(name)
        for name, dtype in frame.schema.items()
        if name in withheld
    ]
    if isinstance(frame.schema.get("confirmed_none"), pl.List):
        names = pl.col("confirmed_none").list.filter(pl.element().is_in(withheld))
        counted.append(names.list.len().sum().cast(pl.Int64).alias("confirmed_none"))
    return frame.select(counted).row(0, named=True) if counted else {}


def _count_known(value: pl.Expr, dtype: pl.DataType, *, in_cells: bool) -> pl.Expr:
    if in_cells and isinstance(dtype, pl.Struct):
        cells = [
            _count_known(value.struct.field(name), part, in_cells=True) for name, part in list_part_types(dtype).items()
        ]
        return pl.sum_horizontal(cells) if cells else pl.lit(0)
    return (~is_absent(value, dtype)).sum().cast(pl.Int64)
