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
from passerelle.switching.compare.rows import dates
from passerelle.switching.values import compared

if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT = 1000
"""Sums are kept in thousandths of the field's unit; periods in thousandths of an hour."""
_COUNT = "count"
_BY = ("_month", "organisation_ref", "service")
_SUMMED = (Shape.AMOUNT, Shape.QUANTITY, Shape.INTEGER)
_START, _END = "_start", "_end"
_HOUR = 3_600_000

Cell = tuple[str, str, str, str]
"""Month, organisation, service, measure."""


@dataclass(slots=True)
class Sums:
    """The sums of one contract on one side."""

    cells: Counter[Cell] = field(default_factory=Counter)

    def see(self, rows: pl.DataFrame, contract: str) -> None:
        """Add records."""
        whens = dates(contract)
        month = pl.coalesce(whens).str.slice(0, 7) if whens else pl.lit(None, pl.String)
        by = [month.alias("_month"), *(_text(name, contract) for name in _BY[1:])]
        measures = [pl.lit(UNIT, pl.Int64).alias(_COUNT), *_numbers(contract), *_periods(contract)]
        names = [_COUNT, *measured(contract)]
        summed = rows.select(*by, *measures).group_by(_BY).agg(pl.col(name).sum() for name in names)
        for month_of, organisation, service, *values in summed.iter_rows():
            about = (month_of or "", organisation or "", service or "")
            for name, value in zip(names, values, strict=True):
                if value:
                    self.cells[*about, name] += value

    def total(self, measure: str) -> int:
        """Sum one measure over everything."""
        return sum(value for cell, value in self.cells.items() if cell[3] == measure)


def differing(origin: Sums, target: Sums) -> Iterator[tuple[Cell, int, int]]:
    """Give the cells in which two sides differ, with both sums."""
    for cell in sorted(origin.cells.keys() | target.cells.keys()):
        before, after = origin.cells.get(cell, 0), target.cells.get(cell, 0)
        if before != after:
            yield cell, before, after


@cache
def measured(contract: str) -> tuple[str, ...]:
    """Name what is summed: fields of numbers, and periods (`planned`: from `planned_start` to `planned_end`)."""
    numbers = [name for name, shape in list_shapes(contracts.get(contract)).items() if shape.kind in _SUMMED]
    return (*numbers, *_pairs(contract))


def _pairs(contract: str) -> list[str]:
    known = list_shapes(contracts.get(contract))
    moments = {name for name, shape in known.items() if shape.kind is Shape.INSTANT}
    return [name.removesuffix(_START) for name in known if name in moments and _closes(name, moments)]


def _closes(name: str, moments: set[str]) -> bool:
    return name.endswith(_START) and name.removesuffix(_START) + _END in moments


def _text(name: str, contract: str) -> pl.Expr:
    return pl.col(name) if name in compared(contract) else pl.lit(None, pl.String).alias(name)


def _numbers(contract: str) -> Iterator[pl.Expr]:
    for name in measured(contract):
        if name in compared(contract):
            yield (pl.col(name).cast(pl.Float64) * UNIT).round().cast(pl.Int64).alias(name)


def _periods(contract: str) -> Iterator[pl.Expr]:
    for name in _pairs(contract):
        start, end = (_moment(name + end) for end in (_START, _END))
        yield ((end - start).dt.total_milliseconds() * UNIT // _HOUR).alias(name)


def _moment(name: str) -> pl.Expr:
    return pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", time_zone="UTC")
