"""Lookup tables of days: how each is written in a format, and the offsets its times have in a zone.

A batch holds few distinct days and very many times: looking the day up is cheaper than parsing each time anew.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from passerelle.stages.translate.converters.clocks import FIRST_YEAR, LAST_YEAR, list_offset_changes
from passerelle.vocabulary.light_dataclass import dataclass

_FIRST, _LAST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
_EPOCH = date(1970, 1, 1)
_MINUTE = 60_000
"""Milliseconds."""
_A_DAY = 24 * 60
"""Minutes."""
_TIMES = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(_A_DAY))


@dataclass(frozen=True, slots=True)
class DayTables:
    """Tables of every day of 1972 to 2037, in order, in one format and zone.

    Minutes of the day before `lower` have the offset `before`, those from `upper` on have `after` (places in
    `offsets`); those in between do not exist, or exist twice.
    """

    texts: pl.Series
    dates: pl.Series
    """Canonical, with the `T` that follows."""
    before: pl.Series
    lower: pl.Series
    upper: pl.Series
    after: pl.Series
    offsets: pl.Series
    ends: pl.Series
    """Every minute of a day, in every offset: `08:30:00+01:00`."""

    def make_steps(
        self, text: pl.Expr, form: str, name: str, *, next_day: pl.Expr | None = None
    ) -> tuple[dict[str, pl.Expr], ...]:
        """Return the steps that look a day up: columns `name …` that hold what the tables have of it.

        Where `next_day` is true, they hold what the tables have of the day behind it.
        """
        tables = {part: getattr(self, part) for part in ("dates", "before", "lower", "upper", "after")}
        moment, nth = f"{name} day", f"{name} nth"
        number = pl.col(moment).to_physical() - (_FIRST - _EPOCH).days
        number_in_range = pl.when(number.is_between(0, len(self.texts) - 1)).then(number)
        shifted = () if next_day is None else ({nth: self._shift(pl.col(nth), next_day)},)
        return (
            {moment: text.str.to_date(form, strict=False)},
            {nth: number_in_range},
            # polars parses more than the format allows: only a day that would be written exactly so is taken
            {nth: pl.when(pl.lit(self.texts).gather(pl.col(nth)) == text).then(pl.col(nth))},
            *shifted,
            {f"{name} {part}": pl.lit(table).gather(pl.col(nth)) for part, table in tables.items()},
        )

    def _shift(self, nth: pl.Expr, next_day: pl.Expr) -> pl.Expr:
        """Return the number of the day that follows where asked; null behind the last, which nothing can look up."""
        moved = nth + next_day.cast(pl.Int32)
        return pl.when(moved < len(self.texts)).then(moved)

    def make_ending(self, minute: pl.Expr, seconds: pl.Expr | None, name: str) -> tuple[pl.Expr, ...]:
        """Return time and offset, in pieces, of minutes of the day that `make_steps` looked up under `name`."""
        before_change = pl.when(minute < pl.col(f"{name} lower")).then(pl.col(f"{name} before"))
        nth = before_change.when(minute >= pl.col(f"{name} upper")).then(pl.col(f"{name} after"))
        if seconds is None:
            return (pl.lit(self.ends).gather(nth * _A_DAY + minute),)
        return pl.lit(pl.Series(_TIMES)).gather(minute), seconds, pl.lit(self.offsets).gather(nth)


@cache
def build_day_tables(form: str, zone: str) -> DayTables:
    """Build the tables of a format and a zone."""
    every = pl.date_range(_FIRST, _LAST, eager=True)
    bounds, labels = list_offset_changes(zone)
    offsets = list(dict.fromkeys(label for label in labels if label))
    places = [offsets.index(label) if label else None for label in labels]
    starts = every.to_physical().cast(pl.Int64).to_numpy() * (_A_DAY * _MINUTE)
    first = np.searchsorted(bounds, starts, side="right")
    last = np.searchsorted(bounds, starts + _A_DAY * _MINUTE - 1, side="right")
    lower, upper = [_A_DAY] * len(every), [_A_DAY] * len(every)
    before: list[int | None] = [places[nth_offset] for nth_offset in first.tolist()]
    after: list[int | None] = [None] * len(every)
    for nth in np.flatnonzero(first != last).tolist():
        nth_offset, other = int(first[nth]), int(last[nth])
        # The tables hold one change a day, with the doubtful stretch it brings; a day with more has no offset.
        if other == nth_offset + 1 or (other == nth_offset + 2 and labels[nth_offset + 1] is None):
            lower[nth] = int(bounds[nth_offset] - starts[nth]) // _MINUTE
            # Rounded up: a minute in which the offset changes is on neither side.
            upper[nth] = -(-int(bounds[other - 1] - starts[nth]) // _MINUTE)
            after[nth] = places[other]
        else:
            before[nth] = None
    ends = [f"{time}:00{offset}" for offset in offsets for time in _TIMES]
    return DayTables(
        every.dt.strftime(form),
        every.dt.strftime("%Y-%m-%dT"),
        *(pl.Series(column, dtype=pl.Int32) for column in (before, lower, upper, after)),
        *(pl.Series(column, dtype=pl.String) for column in (offsets, ends)),
    )


@cache
def build_minute_enum(opening: str) -> pl.Enum:
    """Return all minutes of a day as they are written (`08:30`), in order, each behind the text `opening`."""
    return pl.Enum([opening + time for time in _TIMES])
