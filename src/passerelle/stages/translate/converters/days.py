"""Converters of days, and of days of which only a part is known."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from passerelle.contracts.types import FieldKind
from passerelle.stages.translate.converter import ColumnarTranslation, Doubtful, Fault, read_cell
from passerelle.stages.translate.converters.layouts import describe_expected, read_layouts
from passerelle.stages.translate.converters.true_cells import DAY, MIDNIGHT, split_moment
from passerelle.vocabulary.guarantees import Guarantee

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row


def _parse_days(text: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    return pl.coalesce(
        pl.when(entry.match(text) & entry.parse_day(text).is_not_null()).then(pl.concat_str(*entry.cut_day(text)))
        for entry in read_layouts(formats)
    )


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
    true_cells: bool = False
    """Whether true dates of a worksheet are read too, as its reader writes them; set for connectors of workbooks."""

    def __post_init__(self) -> None:
        read_layouts(self.formats)

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
        parts_read = [parts for entry in read_layouts(formats) if (parts := entry.read_parts(text))]
        for parts in parts_read:
            try:
                return date(parts["Y"], parts["m"], parts["d"]).isoformat()
            except ValueError:
                continue
        if parts_read:
            return Fault("translate.date.impossible", self.column)
        return Fault("translate.date.malformed", self.column, describe_expected(self.formats))

    def parse_columns(self) -> ColumnarTranslation:
        """Return the parts, reordered, where the pattern matches and the day exists."""
        text = pl.col(self.column)
        day = _parse_days(text, (*self.formats, *_TRUE_DAYS) if self.true_cells else self.formats)
        return ColumnarTranslation(day, guarantee=Guarantee(FieldKind.DAY))

    def render(self, value: Any) -> dict[str, str]:
        """Write the day in the first format; its time, if it has one, is midnight."""
        if not value:
            return {self.column: ""}
        return {self.column: read_layouts(self.formats)[0].write(datetime.combine(date.fromisoformat(value), time()))}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day of which the month or the day may be unknown: written with zeros, or left out. All zeros: unknown."""

    column: str
    _: KW_ONLY
    formats: Sequence[str] = ("%d/%m/%Y",)
    true_cells: bool = False
    """Whether true dates of a worksheet are read too, as its reader writes them; set for connectors of workbooks."""

    def __post_init__(self) -> None:
        read_layouts(self.formats)

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
            for pattern in _compile_partial_patterns(tuple(formats))
            if (match := pattern.fullmatch(text))
        ]
        for parts in matched:
            if (day := _combine_parts(parts)) is not False:
                return day
        if matched:
            return Fault("translate.date.impossible", self.column)
        return Fault("translate.date.malformed", self.column, describe_expected(self.formats))

    def parse_columns(self) -> ColumnarTranslation:
        """Return whole days; partial ones are translated row-wise."""
        text = pl.col(self.column)
        day = _parse_days(text, (*self.formats, *_TRUE_DAYS) if self.true_cells else self.formats)
        return ColumnarTranslation(day, guarantee=Guarantee(FieldKind.PARTIAL_DAY))

    def render(self, value: Any) -> dict[str, str]:
        """Write the day in the first format, with zeros for what is not known."""
        if not value:
            return {self.column: ""}
        year, month, day = (*value.split("-"), "00", "00")[:3]
        text = self.formats[0].replace("%Y", year).replace("%m", month).replace("%d", day)
        return {self.column: re.sub("%[HMS]", "00", text).replace("%f", "0")}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True


@cache
def _compile_partial_patterns(formats: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Compile the patterns in the order they are tried: whole dates, then without the day, then the year alone."""
    whole = [entry.pattern.replace("[12][0-9]{3}", "0000|[12][0-9]{3}", 1) for entry in read_layouts(formats)]
    days = [re.sub(r"[^%]*%[HMSf].*", "", form) for form in formats]
    months = [re.sub(r"^%d[^%]*|[^%]*%d$|%d[^%]*", "", form) for form in days]
    years = [re.sub(r"^%m[^%]*|[^%]*%m$|%m[^%]*", "", form) for form in months]
    shorter = [
        re.escape(form).replace("%Y", "(?P<Y>[12][0-9]{3})").replace("%m", "(?P<m>[0-9]{2})")
        for form in (*months, *years)
    ]
    return tuple(re.compile(pattern) for pattern in dict.fromkeys([*whole, *shorter]))


def _combine_parts(parts: dict[str, str]) -> str | Literal[False] | None:
    """Return the day that the parts make; None when they are all zero, False when no such day exists."""
    year, month, day = int(parts["Y"]), int(parts.get("m") or 0), int(parts.get("d") or 0)
    if year == 0:
        return None if month == day == 0 else False
    try:
        text_of_day = date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return False
    if day and not month:
        return False
    return text_of_day if day else text_of_day[:7] if month else text_of_day[:4]
