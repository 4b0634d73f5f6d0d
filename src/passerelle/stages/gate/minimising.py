"""What a purpose needs: the other fields are dropped, and what is dropped is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.canonical import absent
from passerelle.contracts.layout import parts, shapes
from passerelle.contracts.types import Kind
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.parcels import ROW

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract
    from passerelle.contracts.fact import Purpose


def check_purpose(contract: type[Contract], purpose: Purpose) -> None:
    """Make sure that what the contract requires may go. Raises FlowError `gate.purpose.unserved` when it may not."""
    facts = contract.facts()
    missing = [
        name for name, info in contract.model_fields.items() if info.is_required() and not facts[name].serves(purpose)
    ]
    if missing:
        raise FlowError(
            "gate.purpose.unserved", contract=contract.about.id, purpose=str(purpose), fields=", ".join(missing)
        )


def minimised(
    frame: pl.DataFrame, contract: type[Contract], purpose: Purpose, *, deliver_extra: bool
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Drop the fields that do not serve the purpose; count their known values by field (in a map: its cells)."""
    facts = contract.facts()
    dropped = [
        name
        for name in frame.columns
        if name != ROW and not facts[name].serves(purpose) and not (deliver_extra and name == "extra")
    ]
    if not dropped:
        return frame, {}
    kinds = shapes(contract)
    counts = frame.select(
        _known(pl.col(name), frame.schema[name], in_cells=kinds[name].kind is Kind.MAP).alias(name) for name in dropped
    ).row(0, named=True)
    return frame.drop(dropped), {name: count for name, count in counts.items() if count}


def _known(value: pl.Expr, dtype: pl.DataType, *, in_cells: bool) -> pl.Expr:
    if in_cells and isinstance(dtype, pl.Struct):
        cells = [_known(value.struct.field(name), part, in_cells=True) for name, part in parts(dtype).items()]
        return pl.sum_horizontal(cells) if cells else pl.lit(0)
    return (~absent(value, dtype)).sum().cast(pl.Int64)
