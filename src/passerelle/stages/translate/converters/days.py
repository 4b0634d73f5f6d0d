"""Days, and days of which only a part is known."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from passerelle.contracts.types import Kind
from passerelle.stages.translate.converter import Column, Fault, cell
from passerelle.stages.translate.converters.layouts import expected, layouts
from passerelle.vocabulary.promises import Promise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row


def _days(text: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    return pl.coalesce(
        pl.when(entry.matches(text) & entry.calendar_day(text).is_not_null()).then(pl.concat_str(*entry.day(text)))
        for entry in layouts(formats)
    )


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day, `2024-12-31`. The first format that gives a real day wins; the first of all is written."""

    column: str
    _: KW_ONLY
    formats: Sequence[str] = ("%d/%m/%Y",)

    def __post_init__(self) -> None:
        layouts(self.formats)

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the column."""
        return (self.column,)

    def parse(self, row: Row) -> str | Fault | None:
        """Read the day."""
        text = cell(row, self.column)
        if text is None:
            return None
        read = [parts for entry in layouts(self.formats) if (parts := entry.parts(text))]
        for parts in read:
            try:
                return date(parts["Y"], parts["m"], parts["d"]).isoformat()
            except ValueError:
                continue
        if read:
            return Fault("translate.date.impossible", self.column)
        return Fault("translate.date.malformed", self.column, expected(self.formats))

    def columnar(self) -> Column:
        """Cut the parts out where the pattern holds and the day exists."""
        text = pl.col(self.column)
        day = _days(text, self.formats)
        return Column(day, promise=Promise(Kind.DAY))

    def render(self, value: Any) -> dict[str, str]:
        """Write the day in the first format; its time, if it has one, is midnight."""
        if not value:
            return {self.column: ""}
        return {self.column: layouts(self.formats)[0].write(datetime.combine(date.fromisoformat(value), time()))}

    @property
    def is_faithful(self) -> bool:
        """Days come back."""
        return True


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day of which the month or the day may be unknown: written with zeros, or left out. All zeros: unknown."""

    column: str
    _: KW_ONLY
    formats: Sequence[str] = ("%d/%m/%Y",)

    def __post_init__(self) -> None:
        layouts(self.formats)

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the column."""
        return (self.column,)

    def parse(self, row: Row) -> str | Fault | None:
        """Read what is known of the day."""
        text = cell(row, self.column)
        if text is None:
            return None
        found = [match.groupdict() for pattern in _partial(tuple(self.formats)) if (match := pattern.fullmatch(text))]
        for parts in found:
            if (day := _known(parts)) is not False:
                return day
        if found:
            return Fault("translate.date.impossible", self.column)
        return Fault("translate.date.malformed", self.column, expected(self.formats))

    def columnar(self) -> Column:
        """Read whole days; what is partial goes by record."""
        text = pl.col(self.column)
        day = _days(text, self.formats)
        return Column(day, promise=Promise(Kind.PARTIAL_DAY))

    def render(self, value: Any) -> dict[str, str]:
        """Write the day in the first format, with zeros for what is not known."""
        if not value:
            return {self.column: ""}
        year, month, day = (*value.split("-"), "00", "00")[:3]
        text = self.formats[0].replace("%Y", year).replace("%m", month).replace("%d", day)
        return {self.column: re.sub("%[HMS]", "00", text).replace("%f", "0")}

    @property
    def is_faithful(self) -> bool:
        """Partial days come back."""
        return True


@cache
def _partial(formats: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """List the patterns in the order they are tried: whole dates, then without the day, then the year alone."""
    whole = [entry.pattern.replace("[12][0-9]{3}", "0000|[12][0-9]{3}") for entry in layouts(formats)]
    days = [re.sub(r"[^%]*%[HMSf].*", "", form) for form in formats]
    months = [re.sub(r"^%d[^%]*|[^%]*%d$|%d[^%]*", "", form) for form in days]
    years = [re.sub(r"^%m[^%]*|[^%]*%m$|%m[^%]*", "", form) for form in months]
    shorter = [
        re.escape(form).replace("%Y", "(?P<Y>[12][0-9]{3})").replace("%m", "(?P<m>[0-9]{2})")
        for form in (*months, *years)
    ]
    return tuple(re.compile(pattern) for pattern in dict.fromkeys([*whole, *shorter]))


def _known(parts: dict[str, str]) -> str | Literal[False] | None:
    """Give what the parts say, None when they are all zero, False when they cannot be."""
    year, month, day = int(parts["Y"]), int(parts.get("m") or 0), int(parts.get("d") or 0)
    if year == 0:
        return None if month == day == 0 else False
    try:
        known = date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return False
    if day and not month:
        return False
    return known if day else known[:7] if month else known[:4]
