"""Formats of days and times, read strictly: a pattern, and the place of each part in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PARTS = {
    "Y": r"[12][0-9]{3}|9999",
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
    """Without anchors; the same for Python and polars. Years 1000 to 2999, and 9999, which stands for «no end»."""
    starts: Mapping[str, int]
    """Where each part starts, in characters."""

    def read_parts(self, text: str) -> dict[str, int] | None:
        """Return the parts of a text; None when it is not written this way."""
        matched = re.fullmatch(self.pattern, text)
        return {name: int(digits) for name, digits in matched.groupdict().items()} if matched else None

    def match(self, text: pl.Expr) -> pl.Expr:
        """Mark the texts that are written this way."""
        return text.str.contains(f"^{self.pattern}$")

    @property
    def halves(self) -> tuple[str, str, str]:
        """The format cut in its day, what stands between, and its time; three empty texts when it has another order."""
        matched = re.fullmatch("(?P<day>[^HMS]*%[Ymd])(?P<gap>[^%]*)(?P<time>%H:%M(?::%S)?)?", self.format)
        return (matched["day"], matched["gap"], matched["time"] or "") if matched else ("", "", "")

    def cut_day(self, text: pl.Expr) -> tuple[pl.Expr, ...]:
        """Return the day of a text that matches, as pieces of `YYYY-MM-DD`."""
        if self.format.startswith("%Y-%m-%d"):
            return (text.str.slice(0, 10),)
        year, month, day = (self._cut_part(text, name) for name in "Ymd")
        return year, pl.lit("-"), month, pl.lit("-"), day

    def cut_time(self, text: pl.Expr) -> tuple[pl.Expr, ...]:
        """Return the time of a text that matches, as pieces of `HH:MM:SS`."""
        if "%H:%M:%S" in self.format:
            return (text.str.slice(self.starts["H"], 8),)
        if "%H:%M" in self.format:
            return text.str.slice(self.starts["H"], 5), pl.lit(":"), self._cut_part(text, "S")
        hour, minute, second = (self._cut_part(text, name) for name in "HMS")
        return hour, pl.lit(":"), minute, pl.lit(":"), second

    def parse_day(self, text: pl.Expr) -> pl.Expr:
        """Parse the day of a text that matches; null when the calendar has no such day."""
        if len(self.starts) == len("Ymd"):
            return text.str.to_date(self.format, strict=False)
        return pl.concat_str(*self.cut_day(text)).str.to_date("%Y-%m-%d", strict=False)

    def parse_moment(self, text: pl.Expr) -> pl.Expr:
        """Parse the local time of a text that matches: naive, in ms; null when it does not exist (hour 24 neither)."""
        iso = pl.concat_str(*self.cut_day(text), pl.lit("T"), *self.cut_time(text))
        if {"H", "M"} <= set(self.starts) and "f" not in self.starts:
            return text.str.to_datetime(self.format, time_unit="ms", strict=False)
        return iso.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="ms", strict=False)

    def _cut_part(self, text: pl.Expr, name: str) -> pl.Expr:
        if name not in self.starts:
            return pl.lit("00")
        return text.str.slice(self.starts[name], _WIDTHS.get(name, 2))

    def read_day(self, text: str) -> bool:
        """Whether a text is the day of this format, without its time, and the calendar has it."""
        day, _gap, _time = self.halves
        if not day or not (parts := read_layout(day).read_parts(text)):
            return False
        try:
            date(parts["Y"], parts["m"], parts["d"])
        except ValueError:
            return False
        return True

    def write(self, moment: datetime) -> str:
        """Write a moment this way."""
        return moment.strftime(self.format)


@cache
def read_layout(form: str) -> Layout:
    """Compile a format (`%d/%m/%Y`, `%Y-%m-%d %H:%M:%S`). Raises ValueError for parts that are not supported.

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


def read_layouts(formats: Sequence[str]) -> tuple[Layout, ...]:
    """Compile several formats. Raises ValueError when there is none, or for a part that is not supported."""
    if isinstance(formats, str) or not formats:
        message = "formats is a sequence with at least one format"
        raise ValueError(message)
    return tuple(read_layout(form) for form in formats)


def describe_expected(formats: Sequence[str]) -> dict[str, str]:
    """Return the detail `expected`: an invented moment, written in each of the formats."""
    return {"expected": " / ".join(entry.write(_EXAMPLE) for entry in read_layouts(formats))}
