"""Days that their meaning contradicts: births to come, visits of another century, stand-ins for «unknown» and «no end».

Both faces compare canonical texts (`2024-12-31…`), whose order is the order of days.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.types import FieldKind
from passerelle.stages.validate.contract_tree import read_tree
from passerelle.stages.validate.findings import ValidationFinding
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from passerelle.contracts.contract import Contract

_KINDS = (FieldKind.DAY, FieldKind.PARTIAL_DAY, FieldKind.INSTANT)
_UNKNOWN_DAYS = ("1900-01-01", "1970-01-01")
"""The zero of spreadsheets, and of most machines: what an empty date becomes."""
_NO_END = "2099-12-31"
"""From this day on, an end is no day but the words «no end» (2099-12-31, 2999-12-31, 9999-12-31)."""
_EARLIEST_BIRTH, _EARLIEST_FACT = "1880", "1950"
_YEARS_AHEAD = 2
"""Plans of the sector reach one year ahead, rarely two."""


class DayMeaning(StrEnum):
    """What a field of days says, as far as it bounds them."""

    PAST = "past"
    """Births and deaths: not after the parcel was received."""
    FACT = "fact"
    """Something done, or planned for soon."""
    END = "end"
    """May be far ahead."""
    FOUNDATION = "foundation"
    """May be long ago: when an organisation opened."""


_PAST = frozenset({"birth_date", "death_date"})
_ENDS = frozenset(
    {
        "closed_on",
        "due_on",
        "end_on",
        "ended_on",
        "ends_at",
        "ends_on",
        "exit_on",
        "period_end",
        "planned_exit_on",
        "valid_until",
    }
)
_FOUNDATIONS = frozenset({"opened_on"})


@cache
def list_day_meanings(contract: type[Contract]) -> Mapping[str, DayMeaning]:
    """Return the fields of a contract that hold a day or a moment, with what they mean."""
    is_founded = contract.about.family == "organisation"
    return {
        name: DayMeaning.PAST
        if name in _PAST
        else DayMeaning.END
        if name in _ENDS
        else DayMeaning.FOUNDATION
        if is_founded and name in _FOUNDATIONS
        else DayMeaning.FACT
        for name, node in read_tree(contract).fields.items()
        if node.kind in _KINDS
    }


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Texts between which a day is not doubtful: from `first`, up to but without `limit`."""

    first: str
    limit: str


# A parcel has one day of receipt: the same few bounds are asked for with each day of each row.
@lru_cache(maxsize=64)
def _compute_bounds(meaning: DayMeaning, received_on: date | None) -> _Bounds:
    if meaning is DayMeaning.PAST:
        # A day after: texts of the day itself may go on, with a time or with nothing.
        return _Bounds(_EARLIEST_BIRTH, f"{received_on.isoformat()}~" if received_on else _NO_END)
    if meaning is DayMeaning.FACT:
        limit = f"{received_on.year + _YEARS_AHEAD:04d}{received_on.isoformat()[4:]}~" if received_on else _NO_END
        return _Bounds(_EARLIEST_FACT, limit)
    return _Bounds("", _NO_END)


def judge_day(text: str, meaning: DayMeaning, received_on: date | None) -> str:
    """Return the code of the doubt about a canonical day or moment; empty: none."""
    bounds = _compute_bounds(meaning, received_on)
    if text[:10] in _UNKNOWN_DAYS or text >= _NO_END:
        return "validate.day.placeholder"
    if text < bounds.first:
        return "validate.day.past"
    return "validate.day.future" if text >= bounds.limit else ""


def iter_day_doubts(
    record: Mapping[str, Any], contract: type[Contract], received_on: date | None
) -> Iterator[ValidationFinding]:
    """Yield the days of a record that are doubtful."""
    for name, meaning in list_day_meanings(contract).items():
        if (day := record.get(name)) and (reason := judge_day(day, meaning, received_on)):
            yield ValidationFinding(reason, name, {"path": name}, warns=True)


def check_days(frame: pl.DataFrame, contract: type[Contract], received_on: date | None) -> list[pl.Expr]:
    """Return, for each field of days, the expression of the rows in which it surely is not doubtful."""
    schema = frame.schema  # made anew at each look
    return [
        pl.col(name).is_null() | _is_plain(pl.col(name), meaning, received_on)
        for name, meaning in list_day_meanings(contract).items()
        if schema.get(name) == pl.String
    ]


def _is_plain(day: pl.Expr, meaning: DayMeaning, received_on: date | None) -> pl.Expr:
    bounds = _compute_bounds(meaning, received_on)
    within = (day < min(bounds.limit, _NO_END)) & (day >= bounds.first)
    if meaning is DayMeaning.FACT:
        # All that ended before the second stand-in goes to the model path: few facts are so old.
        return within & (day >= f"{_UNKNOWN_DAYS[1]}~")
    return within & ~day.str.slice(0, 10).is_in(_UNKNOWN_DAYS)
