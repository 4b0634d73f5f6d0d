"""Names the kind of difference between two texts of one field. Pure: a pair of values in, a kind out."""

from __future__ import annotations

import json
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.contracts.field_types import get_item_type, get_model, list_shapes, strip_optional
from passerelle.contracts.types import Coded
from passerelle.contracts.types import FieldKind as Shape
from passerelle.switching.difference_kinds import DifferenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_NEGATIVE = ("false", "0")
"""Texts that say «no» or «none» where null says «unknown»."""
_STEPS = tuple(map(Decimal, ("0.01", "0.1", "0.25", "0.5", "1", "5", "10", "15", "30", "60")))
"""Steps to which softwares round numbers."""
_ROUND_MINUTES = (1, 5, 10, 15, 30, 60)
_MOST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The differences that are allowed in one field. By default none."""

    trimmed: bool = False
    """White space at the ends and runs of it inside do not count."""
    rounding: Decimal | None = None
    """Numbers may differ by so much, in the field's own unit."""
    same_instant: bool = False
    """The same moment may be written with another offset."""

    def is_within(self, before: str, after: str) -> bool:
        """Whether two texts differ by no more than is tolerated."""
        if self.trimmed and before.split() == after.split():
            return True
        if self.rounding is not None and abs(Decimal(before) - Decimal(after)) <= self.rounding:
            return True
        return self.same_instant and datetime.fromisoformat(before) == datetime.fromisoformat(after)


def name_differences(
    contract: str, field: str, before: Sequence[str | None], after: Sequence[str | None]
) -> list[DifferenceKind]:
    """Name many differences of one field; the same pair is judged once."""
    kinds: dict[tuple[str | None, str | None], DifferenceKind] = {}
    for pair in zip(before, after, strict=True):
        if pair not in kinds:
            kinds[pair] = name_difference(contract, field, *pair)
    return [kinds[pair] for pair in zip(before, after, strict=True)]


def name_difference(contract: str, field: str, before: str | None, after: str | None) -> DifferenceKind:
    """Name the difference of two texts of `values.to_texts` that are not the same."""
    if field == "confirmed_none":
        return DifferenceKind.NEGATIVE
    if before is not None and after is not None:
        return _get_judges(contract)[field](before, after)
    if (before or after) in _NEGATIVE:
        return DifferenceKind.NEGATIVE
    return DifferenceKind.LOST if after is None else DifferenceKind.ADDED


@cache
def _get_judges(contract: str) -> Mapping[str, Callable[[str, str], DifferenceKind]]:
    """Return by field the function that names its differences, chosen by the field's shape."""
    model = contracts.get(contract)
    return {
        field: _JUDGES.get(_get_judged_shape(shape.kind, model.model_fields[field].annotation), _judge_text)
        for field, shape in list_shapes(model).items()
    }


def _get_judged_shape(kind: Shape, annotation: Any) -> Shape:
    """Treat coded values, and lists of them, as words."""
    if kind is Shape.LIST and _is_coded(get_item_type(strip_optional(annotation))):
        return Shape.WORD
    if kind is Shape.OBJECT and _is_coded(annotation):
        return Shape.WORD
    return kind


def _is_coded(annotation: Any) -> bool:
    try:
        return get_model(annotation) is Coded
    except TypeError:
        return False


def _judge_text(before: str, after: str) -> DifferenceKind:
    if len(after) < len(before) and before.startswith(after.rstrip().removesuffix("…").removesuffix("...").rstrip()):
        return DifferenceKind.TRUNCATED
    return DifferenceKind.TEXT


def _judge_number(before: str, after: str) -> DifferenceKind:
    old, new = Decimal(before), Decimal(after)
    for step in _STEPS:
        for way in (ROUND_HALF_UP, ROUND_HALF_EVEN):
            if (old / step).quantize(Decimal(1), way) * step == new:
                return DifferenceKind.ROUNDED
    return DifferenceKind.NUMBER


def _judge_day(before: str, after: str) -> DifferenceKind:
    if len(after) < len(before) and before.startswith(after):
        return DifferenceKind.ROUNDED
    if len(before) == len(after) == len("2024-12-31") and _is_month_shifted(
        date.fromisoformat(before), date.fromisoformat(after)
    ):
        return DifferenceKind.SHIFTED_MONTH
    return DifferenceKind.DATE


def _is_month_shifted(old: date, new: date) -> bool:
    """Whether a day went to another month and kept its number, or the last there is."""
    if (old.year, old.month) == (new.year, new.month):
        return False
    return new.day == old.day or (new.day == monthrange(new.year, new.month)[1] < old.day)


def _judge_instant(before: str, after: str) -> DifferenceKind:
    old, new = datetime.fromisoformat(before), datetime.fromisoformat(after)
    if old.time() == new.time() and _is_month_shifted(old.date(), new.date()):
        return DifferenceKind.SHIFTED_MONTH
    apart = abs(old - new)
    if apart and _is_rounded(old, new):
        return DifferenceKind.ROUNDED
    # As far apart as this place is from Greenwich, or its two seasons from each other: a time zone was mistaken.
    offsets = (timedelta(0), timedelta(hours=1), abs(old.utcoffset() or timedelta(0)))
    whole = apart % timedelta(hours=1) == timedelta(0)
    return DifferenceKind.TIME_ZONE if whole and apart <= _MOST_OFFSET and apart in offsets else DifferenceKind.DATE


def _is_rounded(old: datetime, new: datetime) -> bool:
    if old.minute == 0 and old.second == 0:
        return False  # a full hour is round already: whatever is there now is another time
    apart = abs(old - new)
    since = old.minute * 60 + old.second
    hour = old.replace(minute=0, second=0)
    for minutes in _ROUND_MINUTES:
        step = minutes * 60
        if apart < timedelta(seconds=step) and new == hour + timedelta(seconds=round(since / step) * step):
            return True
        if apart < timedelta(seconds=step) and new == hour + timedelta(seconds=since // step * step):
            return True
    return False


def _judge_code(_before: str, _after: str) -> DifferenceKind:
    return DifferenceKind.CODE


def _judge_list(before: str, after: str) -> DifferenceKind:
    # A list that only lost items is a loss; one with other items is another list.
    old, new = json.loads(before), json.loads(after)
    if len(new) < len(old) and all(item in old for item in new):
        return DifferenceKind.LOST
    return DifferenceKind.LIST


def _judge_extra(before: str, after: str) -> DifferenceKind:
    old, new = _flatten_extra(before), _flatten_extra(after)
    return DifferenceKind.LOST if new.items() < old.items() else DifferenceKind.TEXT


def _flatten_extra(text: str) -> dict[tuple[str, str], str]:
    groups: dict[str, dict[str, str]] = json.loads(text)
    return {(group, column): cell for group, cells in groups.items() for column, cell in cells.items()}


_JUDGES: Mapping[Shape, Callable[[str, str], DifferenceKind]] = {
    Shape.DAY: _judge_day,
    Shape.PARTIAL_DAY: _judge_day,
    Shape.INSTANT: _judge_instant,
    Shape.AMOUNT: _judge_number,
    Shape.QUANTITY: _judge_number,
    Shape.INTEGER: _judge_number,
    Shape.FLAG: _judge_code,
    Shape.WORD: _judge_code,
    Shape.LIST: _judge_list,
    Shape.OBJECT: _judge_text,
    Shape.MAP: _judge_extra,
    Shape.URN: lambda _before, _after: DifferenceKind.REFERENCE,
}
