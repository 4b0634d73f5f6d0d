"""Filters of a list, read and applied.

They look at what is served, never at what is kept: a filter can tell nothing that the answer would not.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from passerelle.contracts.query_filters import FieldFilter, list_filters
from passerelle.contracts.types import FieldKind
from passerelle.engine.api.refusals import ApiFault, RequestRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.api.readings import ContractReading

GivenFilters: TypeAlias = "tuple[tuple[FieldFilter, str], ...]"
"""Filters with their values, by name."""


def read_filters(reading: ContractReading, asked: Mapping[str, str]) -> GivenFilters:
    """Return filters with their values. Raises RequestRefusedError with everything that is wrong with them.

    A field that exists and may not be read is told in the same words as one that does not exist.
    """
    known = {one.name: one for one in list_filters(reading.contract, reading.fields)}
    faults: list[ApiFault] = []
    found: list[tuple[FieldFilter, str]] = []
    for name, value in asked.items():
        one = known.get(name)
        # an offset that was not escaped: a plus sign is a space in an address
        text = value.replace(" ", "+")
        if one is None:
            faults.append(ApiFault("api.query.unknown"))
        elif not can_read(one, text):
            faults.append(ApiFault("api.query.value", one.name))
        else:
            found.append((one, text))
    if faults:
        raise RequestRefusedError.of(faults)
    return tuple(sorted(found, key=lambda entry: entry[0].name))


def can_read(one: FieldFilter, value: str) -> bool:
    """Whether a value has one of the forms of a filter, and exists: a pattern takes the 31st of February."""
    if not any(re.fullmatch(pattern.removesuffix("$"), value) for pattern in one.patterns):
        return False
    return one.kind is FieldKind.URN or _is_real(value)


def match_records(one: FieldFilter, frame: pl.DataFrame, value: str) -> pl.Series:
    """Return which records a filter keeps; those that do not know its field are not among them."""
    if one.field not in frame.columns or frame.schema[one.field] != pl.String:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    column: pl.Expr = pl.col(one.field)
    wanted: pl.Expr = pl.lit(value)
    if one.kind is FieldKind.INSTANT and len(value) == len("2026-01-31"):
        # a day is that of the place of the record, which its offset tells
        column = column.str.head(len(value))
    elif one.kind is FieldKind.INSTANT:
        column = column.str.to_datetime(time_zone="UTC", strict=False)
        wanted = pl.lit(datetime.fromisoformat(value).astimezone(UTC))
    kept = column >= wanted if one.ending == "ge" else column < wanted if one.ending == "lt" else column == wanted
    return frame.select(kept.fill_null(value=False)).to_series()


def _is_real(value: str) -> bool:
    whole = value + "-01-01"[len(value) - 4 :] if len(value) < len("2026-01-31") else value
    try:
        datetime.fromisoformat(whole).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True
