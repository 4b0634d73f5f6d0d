"""Days and times of true worksheet cells: the reader writes them one way, whatever formats a connector declares.

`2024-11-04` is a day, `2024-11-04T09:30:00` a day with a time, `09:30:00` a time or a duration (`26:30:00`). A
connector that reads workbooks takes these beside its own formats; `accept_true_cells` makes its converters do so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from passerelle.stages.translate.converters.choices import FirstOf
from passerelle.stages.translate.converters.layouts import read_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Converter

DAY = "%Y-%m-%d"
CLOCK = "%H:%M:%S"
MOMENT = f"{DAY}T{CLOCK}"
MIDNIGHT = "T00:00:00"
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})")
_NO_DAYS = frozenset({"1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01"})
"""Days that programs put before a time which has none: where spreadsheets begin to count."""


def split_moment(text: str) -> tuple[str, str] | None:
    """Return day and time of a cell that holds both; None when it does not."""
    matched = _MOMENT.fullmatch(text)
    return (matched[1], matched[2]) if matched else None


def join_pair(day: str, clock: str) -> str:
    """Return the cells of a day and of a time as one text, each without the part that belongs to the other.

    What contradicts itself is left as it is, so that no format reads it.
    """
    whole_day, whole_clock = split_moment(day), split_moment(clock)
    if whole_clock and (not day or whole_clock[0] in _NO_DAYS or whole_clock[0] == (whole_day or (day,))[0]):
        day, clock = day or whole_clock[0], whole_clock[1]
    if whole_day and clock in {"", whole_day[1], whole_day[1][:5]} and not (not clock and day.endswith(MIDNIGHT)):
        return " ".join(whole_day)
    if whole_day and day.endswith(MIDNIGHT):
        day = whole_day[0]
    return " ".join(text for text in (day, clock) if text)


def list_moment_formats(formats: Sequence[str], *, is_pair: bool, years_from: int | None = None) -> tuple[str, ...]:
    """Return formats of moments, and those in which the day, the time or both are true cells."""
    extended = [*formats, f"{DAY} {CLOCK}" if is_pair else MOMENT]
    for form in formats:
        split = read_layout(form, years_from).split_clock()
        if is_pair and split:
            extended += [f"{DAY} {split[1].format}", f"{split[0].format} {CLOCK}"]
    return tuple(dict.fromkeys(extended))


def accept_true_cells(converter: Converter) -> Converter:
    """Return a converter that takes true cells too; the same one when it reads neither days nor times."""
    if isinstance(converter, FirstOf):
        return converter.replace_converters(*map(accept_true_cells, converter.converters))
    changes: Any = {"true_cells": True}
    return replace(converter, **changes) if hasattr(converter, "true_cells") else converter  # type: ignore[type-var]  # converters are dataclasses
