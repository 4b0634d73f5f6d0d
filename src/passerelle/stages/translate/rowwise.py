"""Row-wise translation: call a converter's `parse`, once for each distinct combination of cells."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.converter import NONE, Doubtful, Fault
from passerelle.stages.translate.converters.choices import make_plugin_fault
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from passerelle.stages.translate.slot import ConverterSlot


@dataclass(slots=True)
class RowwiseOutcomes:
    """Outcomes of `parse` for some rows. `nth[i]` is the place, in all the other fields, of the outcome of row `i`."""

    nth: list[int]
    values: list[Any] = field(default_factory=list, repr=False)
    faults: dict[int, Fault] = field(default_factory=dict)
    doubts: dict[int, Doubtful] = field(default_factory=dict)
    none: set[int] = field(default_factory=set)


def parse_rows(cells: pl.DataFrame, slot: ConverterSlot) -> RowwiseOutcomes:
    """Parse rows one by one. `cells` holds the slot's columns."""
    places: dict[tuple[str | None, ...], int] = {}
    columns, parse = slot.columns, slot.converter.parse
    if columns:
        rows = zip(*(cells[name].to_list() for name in columns), strict=True)
        outcomes = RowwiseOutcomes([places.setdefault(row, len(places)) for row in rows])
    else:
        places[()] = 0  # every row is the same; `zip` of no columns would give no row at all
        outcomes = RowwiseOutcomes([0] * cells.height)
    for row, nth in places.items():
        _add_outcome(outcomes, nth, parse(dict(zip(columns, row, strict=True))), slot)
    return outcomes


def _add_outcome(outcomes: RowwiseOutcomes, nth: int, outcome: Any, slot: ConverterSlot) -> None:
    if isinstance(outcome, Doubtful):
        outcomes.doubts[nth] = outcome
        outcome = outcome.value
    if isinstance(outcome, Fault):
        outcomes.faults[nth] = outcome
        outcome = None
    elif outcome is NONE:
        outcomes.none.add(nth)
        outcome = None
    value = slot.to_field_value(outcome)
    if not has_dtype(value, slot.dtype):
        outcomes.faults[nth] = make_plugin_fault(slot.columns)
        value = None
    outcomes.values.append(value)


def has_dtype(value: Any, dtype: PolarsDataType) -> bool:
    """Whether a value can be stored in a column of this type without any conversion."""
    if value is None:
        return True
    if isinstance(dtype, pl.List):
        return isinstance(value, list) and all(has_dtype(item, dtype.inner) for item in value)
    if isinstance(dtype, pl.Struct):
        types = {entry.name: entry.dtype for entry in dtype.fields}
        return isinstance(value, dict) and all(
            key in types and has_dtype(part, types[key]) for key, part in value.items()
        )
    if dtype == pl.String:
        return isinstance(value, str) and (value.isascii() or _is_encodable(value))
    if dtype == pl.Boolean:
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _is_encodable(value: str) -> bool:
    # A lone surrogate is a Python text that polars cannot hold.
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
