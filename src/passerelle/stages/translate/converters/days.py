"""Converters of days, and of days of which only a part is known."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY  # noqa: TC003  looked up by its name where the class is made
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from passerelle.contracts.types import FieldKind
from passerelle.stages.translate.converter import ColumnarTranslation, Doubtful, Fault, read_cell
from passerelle.stages.translate.converters.layouts import (
    compile_format,
    drop_parts,
    expand_year,
    read_layouts,
)
from passerelle.stages.translate.converters.true_cells import DAY, MIDNIGHT, split_moment
from passerelle.stages.translate.converters.usual_formats import describe_unread
from passerelle.vocabulary.guarantees import Guarantee
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row
    from passerelle.stages.translate.converters.layouts import Layout


def _parse_days(text: pl.Expr, formats: Sequence[str], years_from: int | None) -> pl.Expr:
    return pl.coalesce(_parse_day(text, entry) for entry in read_layouts(formats, years_from))


def _parse_day(text: pl.Expr, entry: Layout) -> pl.Expr:
    # What has no fixed places is rewritten first: everything behind it then cuts at known places.
    text, fixed = entry.rewrite(text), entry.canonical
    return pl.when(fixed.match(text) & fixed.parse_day(text).is_not_null()).then(pl.concat_str(*fixed.cut_day(text)))


_TRUE_DAYS = (DAY, DAY + MIDNIGHT)


def _parse_moment(converter: Date | PartialDate, day: str, time_of_day: str) -> str | Doubtful | Fault | None:
    """Return the day of a true cell that holds a time too, which says nothing when it is midnight."""
    parsed = converter.parse({converter.column: day})
    if isinstance(parsed, str) and not MIDNIGHT.endswith(time_of_day):
        return Doubtful(parsed, "translate.date.with_time", converter.column)
    return parsed


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day, `2024-12-31`. The first format that gives a real day wins; the first of all is written."""

    column: str
    _: KW_ONLY
    formats: Sequence[str] = ("%d/%m/%Y",)
    years_from: int | None = None
    """For years of two digits (`%y`): the first of the hundred years that they are of."""
    true_cells: bool = False
    """Whether true dates of a worksheet are read too, as its reader writes them; set for connectors of workbooks."""

    def __post_init__(self) -> None:
        read_layouts(self.formats, self.years_from)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> str | Doubtful | Fault | None:
        """Return the day of the first format that gives a real one; `Doubtful` when a true cell holds a time too."""
        text = read_cell(row, self.column)
        if text is None:
            return None
        if self.true_cells and (moment := split_moment(text)):
            return _parse_moment(self, *moment)
        formats = (*self.formats, DAY) if self.true_cells else self.formats
        parts_read = [parts for entry in read_layouts(formats, self.years_from) if (parts := entry.read_parts(text))]
        for parts in parts_read:
            try:
                return date(parts["Y"], parts["m"], parts["d"]).isoformat()
            except ValueError:
                continue
        if parts_read:
            return Fault("translate.date.impossible", self.column)
        return Fault("translate.date.malformed", self.column, describe_unread(text, self.formats, self.years_from))

    def parse_columns(self) -> ColumnarTranslation:
        """Return the parts, reordered, where the pattern matches and the day exists."""
        text = pl.col(self.column)
        formats = (*self.formats, *_TRUE_DAYS) if self.true_cells else self.formats
        day = _parse_days(text, formats, self.years_from)
        return ColumnarTranslation(day, guarantee=Guarantee(FieldKind.DAY))

    def render(self, value: Any) -> dict[str, str]:
        """Write the day in the first format; its time, if it has one, is midnight."""
        if not value:
            return {self.column: ""}
        moment = datetime.combine(date.fromisoformat(value), time())
        return {self.column: read_layouts(self.formats, self.years_from)[0].write(moment)}

    @property
    def is_faithful(self) -> bool:
        """Whether the first format writes every year that some format reads."""
        return "%y" not in self.formats[0] or (not self.true_cells and all("%y" in form for form in self.formats))


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day of which the month or the day may be unknown: written with zeros, or left out. All zeros: unknown."""

    column: str
    _: KW_ONLY
    formats: Sequence[str] = ("%d/%m/%Y",)
    years_from: int | None = None
    """For years of two digits (`%y`): the first of the hundred years that they are of."""
    true_cells: bool = False
    """Whether true dates of a worksheet are read too, as its reader writes them; set for connectors of workbooks."""

    def __post_init__(self) -> None:
        read_layouts(self.formats, self.years_from)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> str | Doubtful | Fault | None:
        """Return the day, or the month or year when no more is known; `Doubtful` when a true cell holds a time too."""
        text = read_cell(row, self.column)
        if text is None:
            return None
        if self.true_cells and (moment := split_moment(text)):
            return _parse_moment(self, *moment)
        formats = (*self.formats, DAY) if self.true_cells else self.formats
        matched = [
            match.groupdict()
            for pattern in _compile_partial_patterns(tuple(formats), self.years_from)
            if (match := pattern.fullmatch(text))
        ]
        for parts in matched:
            if (day := _combine_parts(parts, self.years_from or 0)) is not False:
                return day
        if matched:
            return Fault("translate.date.impossible", self.column)
        return Fault("translate.date.malformed", self.column, describe_unread(text, self.formats, self.years_from))

    def parse_columns(self) -> ColumnarTranslation:
        """Return whole days; partial ones are translated row-wise."""
        text = pl.col(self.column)
        formats = (*self.formats, *_TRUE_DAYS) if self.true_cells else self.formats
        day = _parse_days(text, formats, self.years_from)
        return ColumnarTranslation(day, guarantee=Guarantee(FieldKind.PARTIAL_DAY))

    def render(self, value: Any) -> dict[str, str]:
        """Write the day in the first format, with zeros for what is not known."""
        if not value:
            return {self.column: ""}
        year, month, day = (*value.split("-"), "00", "00")[:3]
        layout = read_layouts(self.formats, self.years_from)[0]
        # Two digits only where they will be read as this year; four are refused there, which is told.
        short = year[-2:] if layout.read_year(year[-2:]) == int(year) else year
        parts = {"Y": year, "y": short, "m": month, "d": day, "f": "0"}
        return {self.column: layout.fill(dict.fromkeys("HMS", "00") | parts)}

    @property
    def is_faithful(self) -> bool:
        """True where years have four digits: of two, `00` may be a year or stand for «unknown»."""
        return "%y" not in self.formats[0]


@cache
def _compile_partial_patterns(formats: tuple[str, ...], years_from: int | None) -> tuple[re.Pattern[str], ...]:
    """Compile the patterns in the order they are tried: whole dates, then without the day, then the year alone."""
    layouts = read_layouts(formats, years_from)
    whole = [entry.pattern.replace("[12][0-9]{3}", "0000|[12][0-9]{3}", 1) for entry in layouts]
    days = [drop_parts(form, "HMSf") for form in formats]
    months = [drop_parts(form, "d") for form in days]
    years = [drop_parts(form, "m") for form in months]
    shorter = [compile_format(form, years_from).pattern.replace("|9999", "", 1) for form in (*months, *years)]
    return tuple(re.compile(pattern) for pattern in dict.fromkeys([*whole, *shorter]))


def _combine_parts(parts: dict[str, str], years_from: int) -> str | Literal[False] | None:
    """Return the day that the parts make; None when they are all zero, False when no such day exists."""
    month, day = int(parts.get("m") or 0), int(parts.get("d") or 0)
    year = int(parts["Y"]) if "Y" in parts else expand_year(int(parts["y"]), years_from)
    if int(parts.get("Y") or parts.get("y") or 0) == 0 and month == day == 0:
        return None
    if year == 0:
        return False
    try:
        text_of_day = date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return False
    if day and not month:
        return False
    return text_of_day if day else text_of_day[:7] if month else text_of_day[:4]
