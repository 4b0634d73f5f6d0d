"""Usual ways to write days and times, and which of them an unread cell is written in.

A message about a cell that no declared format reads can then name the one that is missing.
"""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from passerelle.stages.translate.converters.layouts import compile_format, describe_expected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converters.layouts import Layout

DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%Y/%m/%d", "%m/%d/%Y", "%d %m %Y")
SHORT_DAYS = ("%d/%m/%y", "%d-%m-%y", "%d.%m.%y", "%-d/%-m/%Y", "%-d/%-m/%y", "%-d-%-m-%Y", "%-d.%-m.%Y")
"""Tried where nothing of `DAYS` reads the cells: without leading zeros, with two digits for the year."""
CLOCKS = ("%H:%M", "%H:%M:%S", "%Hh%M", "%-H:%M", "%-Hh%M", "%-Hh", "%-H:%M:%S")
RARE_CLOCKS = ("%-HH%M", "%-H h %M", "%-HH", "%-H h", "%-H.%M", "%H%M")
"""Ways to write a time that other columns look like too (an amount, a number): believed beside a usual one alone."""
_ANY_YEARS = 1950
"""Which hundred years two digits stand for does not matter to how a cell is written."""
_ONES = str.maketrans("023456789", "111111111")
"""`1111` is a year, `11` a month, a day, an hour: what is written in a format is so with ones, too."""
_LONGEST = 40


def describe_unread(text: str, formats: Sequence[str], years_from: int | None = None) -> dict[str, str]:
    """Return the details of a cell that no format reads: how it is expected, and the usual format that would read it.

    The format is `nearest`, the name of a detail whose sentence an advice drops where there is none.
    """
    tried = _list_tried(tuple(formats))
    found = next((form for form in _list_alike(_make_shape(text), tried) if _is_read_by(_compile(form), text)), "")
    return describe_expected(formats, years_from) | ({"nearest": found} if found else {})


def describe_unread_clock(text: str, formats: Sequence[str], years_from: int | None = None) -> dict[str, str]:
    """Return the same for a time of day whose day stands apart: the format is of both."""
    split = next((halves for form in formats if (halves := compile_format(form, years_from).split_clock())), None)
    clocks = (*CLOCKS, *RARE_CLOCKS)
    found = next((form for form in _list_alike(_make_shape(text), clocks) if _is_read_by(_compile(form), text)), "")
    nearest = {"nearest": f"{split[0].format} {found}"} if split and found else {}
    return describe_expected(formats, years_from) | nearest


def _make_shape(text: str) -> str:
    """Return a text with one digit in the place of all; nothing for one that is longer than any day with its time."""
    return text.translate(_ONES) if len(text) <= _LONGEST else ""


@lru_cache(maxsize=4096)
def _list_alike(shape: str, forms: tuple[str, ...]) -> tuple[str, ...]:
    """Return the formats whose digits and signs stand as those of a text: a file of bad cells has few such shapes."""
    return tuple(form for form in forms if _compile(form).read_parts(shape) is not None)


@cache
def _list_tried(formats: tuple[str, ...]) -> tuple[str, ...]:
    timed = any("%H" in form or "%-H" in form for form in formats)
    # The days that are declared come first: where only the time is written otherwise, that is what is missing.
    own = dict.fromkeys(day for form in formats if (day := _cut_day(form)))
    known = dict.fromkeys((*own, *DAYS, *SHORT_DAYS))
    # Day before month is declared: «12/31/2024» is then a mistake, and not another way to write a day.
    tried = tuple(day for day in known if day in own or day != "%m/%d/%Y")
    if not timed:
        return tried
    return tuple(f"{day}{tie}{clock}" for day in tried for clock in (*CLOCKS, *RARE_CLOCKS) for tie in (" ", "T"))


def _cut_day(form: str) -> str:
    entry = _compile(form)
    halves = entry.split_clock()
    return halves[0].format if halves else entry.halves[0]


@cache
def _compile(form: str) -> Layout:
    return compile_format(form, _ANY_YEARS if "%y" in form else None)


def _is_read_by(entry: Layout, text: str) -> bool:
    parts = entry.read_parts(text)
    if parts is None:
        return False
    if "Y" in parts:
        try:
            date(parts["Y"], parts["m"], parts["d"])
        except ValueError:
            return False
    return parts.get("H", 0) <= 24 and max(parts.get("M", 0), parts.get("S", 0)) <= 59
