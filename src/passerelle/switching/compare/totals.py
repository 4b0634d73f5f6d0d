"""Sums by month, organisation and service: counts, hours, quantities, amounts. Whole numbers only: thousandths."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind as Shape
from passerelle.switching.compare.rows import list_dates
from passerelle.switching.record_texts import list_compared

if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT = 1000
"""Sums are kept in thousandths of the field's unit; periods in thousandths of an hour."""
_COUNT = "count"
_BY = ("_month", "organisation_ref", "service")
_SUMMED = (Shape.AMOUNT, Shape.QUANTITY, Shape.INTEGER)
_START, _END = "_start", "_end"
_HOUR = 3_600_000

SumCell = tuple[str, str, str, str]
"""Month, organisation, service, measure."""


@dataclass(slots=True)
class ContractSums:
    """The sums of one contract on one side."""

    cells: Counter[SumCell] = field(default_factory=Counter)

    def add(self, rows: pl.DataFrame, contract: str) -> None:
        """Add records."""
        dates = list_dates(contract)
        month = pl.coalesce(dates).str.slice(0, 7) if dates else pl.lit(None, pl.String)
        by = [month.alias("_month")]
        by += [
            pl.col(name) if name in list_compared(contract) else pl.lit(None, pl.String).alias(name) for name in _BY[1:]
        ]
        names = [_COUNT, *list_measures(contract)]
        measures = [pl.lit(UNIT, pl.Int64).alias(_COUNT), *_iter_measures(contract)]
        summed = rows.select(*by, *measures).group_by(_BY).agg(pl.col(name).sum() for name in names)
        for month_of, organisation, service, *values in summed.iter_rows():
            about = (month_of or "", organisation or "", service or "")
            for name, value in zip(names, values, strict=True):
                if value:
                    self.cells[*about, name] += value

    def sum_measure(self, measure: str) -> int:
        """Sum one measure over everything."""
        return sum(value for cell, value in self.cells.items() if cell[3] == measure)


def iter_differing_cells(origin: ContractSums, target: ContractSums) -> Iterator[tuple[SumCell, int, int]]:
    """Yield the cells in which two sides differ, with both sums."""
    for cell in sorted(origin.cells.keys() | target.cells.keys()):
        before, after = origin.cells.get(cell, 0), target.cells.get(cell, 0)
        if before != after:
            yield cell, before, after


@cache
def list_measures(contract: str) -> tuple[str, ...]:
    """List what is summed: fields of numbers, and periods (`planned`: from `planned_start` to `planned_end`)."""
    numbers = [name for name, shape in list_shapes(contracts.get(contract)).items() if shape.kind in _SUMMED]
    return (*numbers, *_list_periods(contract))


def _list_periods(contract: str) -> list[str]:
    moments = {name for name, shape in list_shapes(contracts.get(contract)).items() if shape.kind is Shape.INSTANT}
    stems = [name.removesuffix(_START) for name in list_shapes(contracts.get(contract)) if name.endswith(_START)]
    return [stem for stem in stems if {stem + _START, stem + _END} <= moments]


def _iter_measures(contract: str) -> Iterator[pl.Expr]:
    """Yield the expressions of `list_measures`, as whole thousandths: sums of floats depend on their order."""
    for name in list_measures(contract):
        if name in list_compared(contract):
            # Nine figures and three decimals at most: a double holds their thousandths exactly, once rounded.
            yield (pl.col(name).cast(pl.Float64) * UNIT).round().cast(pl.Int64).alias(name)
    for name in _list_periods(contract):
        start, end = (
            pl.col(name + suffix).str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", time_zone="UTC") for suffix in (_START, _END)
        )
        yield ((end - start).dt.total_milliseconds() * UNIT // _HOUR).alias(name)
