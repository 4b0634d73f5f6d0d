"""The sure gait: converters by record, each distinct combination of cells once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.converter import NONE, Doubtful, Fault
from passerelle.stages.translate.converters.choices import failed

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from passerelle.stages.translate.slot import Slot


@dataclass(slots=True)
class Redone:
    """What the record face says of some rows. `nth[i]` is the place, in all the rest, of the outcome of row `i`."""

    nth: list[int]
    values: list[Any] = field(default_factory=list, repr=False)
    faults: dict[int, Fault] = field(default_factory=dict)
    doubts: dict[int, Doubtful] = field(default_factory=dict)
    none: set[int] = field(default_factory=set)


def by_record(cells: pl.DataFrame, slot: Slot) -> Redone:
    """Parse rows by record. `cells` holds the slot's columns."""
    seen: dict[tuple[str | None, ...], int] = {}
    columns, parse = slot.columns, slot.converter.parse
    if columns:
        rows = zip(*(cells[name].to_list() for name in columns), strict=True)
        redone = Redone([seen.setdefault(row, len(seen)) for row in rows])
    else:
        seen[()] = 0
        redone = Redone([0] * cells.height)
    for row, nth in seen.items():
        _note(redone, nth, parse(dict(zip(columns, row, strict=True))), slot)
    return redone


def _note(redone: Redone, nth: int, outcome: Any, slot: Slot) -> None:
    if isinstance(outcome, Doubtful):
        redone.doubts[nth] = outcome
        outcome = outcome.value
    if isinstance(outcome, Fault):
        redone.faults[nth] = outcome
        outcome = None
    elif outcome is NONE:
        redone.none.add(nth)
        outcome = None
    value = slot.listed(outcome)
    if not fits(value, slot.dtype):
        redone.faults[nth] = failed(slot.columns)
        value = None
    redone.values.append(value)


def fits(value: Any, dtype: PolarsDataType) -> bool:
    """Say whether a value can stand in a column of this type, without any conversion."""
    if value is None:
        return True
    if isinstance(dtype, pl.List):
        return isinstance(value, list) and all(fits(item, dtype.inner) for item in value)
    if isinstance(dtype, pl.Struct):
        types = {entry.name: entry.dtype for entry in dtype.fields}
        return isinstance(value, dict) and all(key in types and fits(part, types[key]) for key, part in value.items())
    if dtype == pl.String:
        return isinstance(value, str) and (value.isascii() or _is_text(value))
    if dtype == pl.Boolean:
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
