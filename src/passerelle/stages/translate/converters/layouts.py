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

    def part(self, text: pl.Expr, name: str) -> pl.Expr:
        """Cut one part out of a text that matches; `00` when the layout has no such part."""
        if name not in self.starts:
            return pl.lit("00")
        return text.str.slice(self.starts[name], _WIDTHS.get(name, 2))

    def day(self, text: pl.Expr) -> pl.Expr:
        """Cut the day out, in canonical order."""
        if self.format.startswith("%Y-%m-%d"):
            return text.str.slice(0, 10)
        dash = pl.lit("-")
        return pl.concat_str(self.part(text, "Y"), dash, self.part(text, "m"), dash, self.part(text, "d"))

    def time(self, text: pl.Expr) -> pl.Expr:
        """Cut the time out, `HH:MM:SS`."""
        if "%H:%M:%S" in self.format:
            return text.str.slice(self.starts["H"], 8)
        colon = pl.lit(":")
        return pl.concat_str(self.part(text, "H"), colon, self.part(text, "M"), colon, self.part(text, "S"))

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
