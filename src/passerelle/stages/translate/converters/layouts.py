"""How a supplier writes days and times: a format, as a strict pattern with the place of each part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PARTS = {
    "Y": r"[12][0-9]{3}",
    "m": r"[0-9]{2}",
    "d": r"[0-9]{2}",
    "H": r"[0-9]{2}",
    "M": r"[0-9]{2}",
    "S": r"[0-9]{2}",
    "f": r"[0-9]{1,9}",
}
_WIDTHS = {"Y": 4, "f": 0}
_EXAMPLE = datetime(2024, 12, 31, 8, 30)  # noqa: DTZ001  an example of how something is written, not a moment


@dataclass(frozen=True, slots=True)
class Layout:
    """One accepted way to write a day or a time. Only ASCII digits, in fixed places."""

    format: str
    pattern: str
    """Without anchors; the same for Python and polars. Years 1000 to 2999."""
    starts: Mapping[str, int]
    """Where each part starts, in characters."""

    def parts(self, text: str) -> dict[str, int] | None:
        """Read the parts; None when the text is not written this way."""
        found = re.fullmatch(self.pattern, text)
        return {name: int(digits) for name, digits in found.groupdict().items()} if found else None

    def matches(self, text: pl.Expr) -> pl.Expr:
        """Say where a text is written this way."""
        return text.str.contains(f"^{self.pattern}$")

    @property
    def halves(self) -> tuple[str, str, str]:
        """Cut the format in its day, what stands between, and its time, where these come one after the other."""
        found = re.fullmatch("(?P<day>[^HMS]*%[Ymd])(?P<gap>[^%]*)(?P<time>%H:%M(?::%S)?)?", self.format)
        return (found["day"], found["gap"], found["time"] or "") if found else ("", "", "")

    def day(self, text: pl.Expr) -> tuple[pl.Expr, ...]:
        """Cut the day out of a text that matches: pieces of `YYYY-MM-DD`."""
        if self.format.startswith("%Y-%m-%d"):
            return (text.str.slice(0, 10),)
        year, month, day = (self._part(text, name) for name in "Ymd")
        return year, pl.lit("-"), month, pl.lit("-"), day

    def time(self, text: pl.Expr) -> tuple[pl.Expr, ...]:
        """Cut the time out of a text that matches: pieces of `HH:MM:SS`."""
        if "%H:%M:%S" in self.format:
            return (text.str.slice(self.starts["H"], 8),)
        if "%H:%M" in self.format:
            return text.str.slice(self.starts["H"], 5), pl.lit(":"), self._part(text, "S")
        hour, minute, second = (self._part(text, name) for name in "HMS")
        return hour, pl.lit(":"), minute, pl.lit(":"), second

    def calendar_day(self, text: pl.Expr) -> pl.Expr:
        """Read the day of a text that matches; null when the calendar has no such day."""
        if len(self.starts) == len("Ymd"):
            return text.str.to_date(self.format, strict=False)
        return pl.concat_str(*self.day(text)).str.to_date("%Y-%m-%d", strict=False)

    def moment(self, text: pl.Expr) -> pl.Expr:
        """Read the local time of a text that matches, naive, in milliseconds; null when it cannot be (hour 24 too)."""
        iso = pl.concat_str(*self.day(text), pl.lit("T"), *self.time(text))
        if {"H", "M"} <= set(self.starts) and "f" not in self.starts:
            return text.str.to_datetime(self.format, time_unit="ms", strict=False)
        return iso.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="ms", strict=False)

    def _part(self, text: pl.Expr, name: str) -> pl.Expr:
        if name not in self.starts:
            return pl.lit("00")
        return text.str.slice(self.starts[name], _WIDTHS.get(name, 2))

    def write(self, moment: datetime) -> str:
        """Write a moment this way."""
        return moment.strftime(self.format)


@cache
def layout(form: str) -> Layout:
    """Read a format (`%d/%m/%Y`, `%Y-%m-%d %H:%M:%S`). Raises ValueError for what we do not read strictly.

    Known parts: %Y %m %d %H %M %S, and %f (a fraction of a second, cut off) at the very end.
    """
    pattern, starts, at = "", {}, 0
    for literal, name in re.findall(r"([^%]+)|%(.)", form):
        if literal:
            pattern += re.escape(literal)
            at += len(literal)
            continue
        if name not in _PARTS or name in starts or "f" in starts:
            message = f"format {form!r}: each of {', '.join('%' + part for part in _PARTS)} at most once, %f at the end"
            raise ValueError(message)
        pattern += f"(?P<{name}>{_PARTS[name]})"
        starts[name] = at
        at += _WIDTHS.get(name, 2)
    if not {"Y", "m", "d"} <= set(starts):
        message = f"format {form!r}: a day needs %Y, %m and %d"
        raise ValueError(message)
    return Layout(form, pattern, starts)


def layouts(formats: Sequence[str]) -> tuple[Layout, ...]:
    """Read several formats; the first that gives a real day wins."""
    if isinstance(formats, str) or not formats:
        message = "formats is a sequence with at least one format"
        raise ValueError(message)
    return tuple(layout(form) for form in formats)


def expected(formats: Sequence[str]) -> dict[str, str]:
    """Show how a value should be written, on an example of ours."""
    return {"expected": " / ".join(entry.write(_EXAMPLE) for entry in layouts(formats))}
