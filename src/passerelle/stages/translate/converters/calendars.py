"""Days of a place as tables: what a supplier writes for each, and which offset its times have.

A batch holds few distinct days and very many times: looking the day up is cheaper than reading each time anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import polars as pl

from passerelle.stages.translate.converters.clocks import FIRST_YEAR, LAST_YEAR, breaks

_FIRST, _LAST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000
"""Milliseconds."""
_NEVER = "~"
"""Comes after every time of a day."""


@dataclass(frozen=True, slots=True)
class Days:
    """Every day of 1972 to 2037, in order, in one format and zone.

    Times before `lower` have the offset `before`, those from `upper` on have `after`; those in between do not exist,
    or exist twice. Times compare as texts, without seconds where these are zero.
    """

    texts: pl.Series
    dates: pl.Series
    """Canonical, with the `T` that follows."""
    before: pl.Series
    lower: pl.Series
    upper: pl.Series
    after: pl.Series

    def steps(self, text: pl.Expr, form: str, name: str) -> tuple[dict[str, pl.Expr], ...]:
        """Look days up, step by step: columns `name …` that hold what the tables say of each day."""
        moment, nth = f"{name} day", f"{name} nth"
        number = pl.col(moment).to_physical() - (_FIRST - _EPOCH).days
        found = pl.when(number.is_between(0, len(self.texts) - 1)).then(number)
        return (
            {moment: text.str.to_date(form, strict=False)},
            {nth: found},
            # polars is more tolerant than the format: only a day that would be written just so is taken
            {nth: pl.when(pl.lit(self.texts).gather(pl.col(nth)) == text).then(pl.col(nth))},
            {f"{name} {part}": pl.lit(table).gather(pl.col(nth)) for part, table in self._tables().items()},
        )

    def offset(self, time: pl.Expr, name: str) -> pl.Expr:
        """Give the offset of times of the day that `steps` looked up under `name`."""
        early = pl.when(time < pl.col(f"{name} lower")).then(pl.col(f"{name} before"))
        return early.when(time >= pl.col(f"{name} upper")).then(pl.col(f"{name} after"))

    def _tables(self) -> dict[str, pl.Series]:
        return {name: getattr(self, name) for name in ("dates", "before", "lower", "upper", "after")}


@cache
def days(form: str, zone: str) -> Days:
    """Make the tables."""
    every = pl.date_range(_FIRST, _LAST, eager=True)
    bounds, labels = breaks(zone)
    starts = every.to_physical().cast(pl.Int64).to_numpy() * _DAY
    first = np.searchsorted(bounds, starts, side="right")
    last = np.searchsorted(bounds, starts + _DAY - 1, side="right")
    before, lower, upper, after = ([label] * len(every) for label in (None, _NEVER, _NEVER, None))
    for nth, (one, other) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        before[nth] = labels[one]
        if other == one + 1 or (other == one + 2 and labels[one + 1] is None):
            lower[nth], upper[nth] = _time(bounds[one] - starts[nth]), _time(bounds[other - 1] - starts[nth])
            after[nth] = labels[other]
        elif other > one:
            before[nth] = None
    texts = [pl.Series(column, dtype=pl.String) for column in (before, lower, upper, after)]
    return Days(every.dt.strftime(form), every.dt.strftime("%Y-%m-%dT"), *texts)


def _time(milliseconds: int) -> str:
    seconds = int(milliseconds) // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}".removesuffix(":00")
