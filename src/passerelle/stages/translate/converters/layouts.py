"""Formats of days and times, read strictly: a pattern, and the place of each part in it."""

from __future__ import annotations

import re
from dataclasses import field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import polars as pl

from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PARTS = {
    "Y": r"[12][0-9]{3}|9999",
    "y": r"[0-9]{2}",
    "m": r"[0-9]{2}",
    "d": r"[0-9]{2}",
    "H": r"[0-9]{2}",
    "M": r"[0-9]{2}",
    "S": r"[0-9]{2}",
    "f": r"[0-9]{1,9}",
}
_SHORT = r"[0-9]{1,2}"
"""Pattern of a part that may lack its leading zero: `%-d`."""
_CAN_BE_SHORT = frozenset("mdHMS")
_WIDTHS = {"Y": 4, "f": 0}
_TOKEN = re.compile(r"(?P<literal>[^%]+)|%(?P<short>-?)(?P<name>.)?")
_EXAMPLE = datetime(2024, 12, 31, 8, 30)  # noqa: DTZ001  an example of how something is written, not a moment
_CENTURY = 100
FIRST_WINDOW, LAST_WINDOW = 1000, 2900
"""First years that a window of two-digit years may begin with: layouts know the years 1000 to 2999."""


def expand_year(short: int, years_from: int) -> int:
    """Return the one year of the hundred from `years_from` on that ends with two digits."""
    return years_from + (short - years_from) % _CENTURY


@dataclass(frozen=True, slots=True)
class Layout:
    """One accepted way to write a day or a time. Only ASCII digits; in fixed places, where no part may be short."""

    format: str
    pattern: str
    """Without anchors; the same for Python and polars. Years 1000 to 2999, and 9999, which stands for «no end»."""
    starts: Mapping[str, int] = field(hash=False)
    """Where each part starts, in characters; of no use where `is_fixed` is false."""
    years_from: int = 0
    """The first of the hundred years that two digits stand for."""
    is_fixed: bool = True
    """Whether each part has its place: no part may lack its leading zero, and the year has four digits."""

    def read_parts(self, text: str) -> dict[str, int] | None:
        """Return the parts of a text, the year always under `Y`; None when it is not written this way."""
        matched = re.fullmatch(self.pattern, text)
        if not matched:
            return None
        parts = {name: int(digits) for name, digits in matched.groupdict().items()}
        if "y" in parts:
            parts["Y"] = expand_year(parts.pop("y"), self.years_from)
        return parts

    def read_year(self, digits: str) -> int:
        """Return the year that two digits stand for; 0 when this layout has four."""
        return expand_year(int(digits), self.years_from) if "y" in self.starts else 0

    @property
    def canonical(self) -> Layout:
        """The fixed layout in which `rewrite` writes; itself when it is fixed."""
        if self.is_fixed:
            return self
        day = "%Y-%m-%d" if "d" in self.starts else ""
        clock = ("%H:%M:%S" if "S" in self.starts else "%H:%M") if "H" in self.starts else ""
        return compile_format("T".join(filter(None, (day, clock))))

    def rewrite(self, text: pl.Expr) -> pl.Expr:
        """Rewrite texts in the canonical layout, null where they are not written this way; as they are when fixed."""
        if self.is_fixed:
            return text
        groups = text.str.extract_groups(f"^{self.pattern}$").struct
        parts = {name: groups.field(name).str.zfill(2) for name in self.starts}
        if "y" in parts:
            short = parts["y"].cast(pl.Int32)
            parts["Y"] = (self.years_from + (short - self.years_from) % _CENTURY).cast(pl.String)
        pieces = (
            parts.get(name, pl.lit("00")) if name else pl.lit(literal)
            for literal, name, _short in iter_tokens(self.canonical.format)
        )
        return pl.concat_str(*pieces)

    def match(self, text: pl.Expr) -> pl.Expr:
        """Mark the texts that are written this way."""
        return text.str.contains(f"^{self.pattern}$")

    @property
    def halves(self) -> tuple[str, str, str]:
        """The format cut in its day, what stands between, and its time; three empty texts when it has another order.

        The time only in the forms `%H:%M` and `%H:%M:%S`; see `split_clock` for any other.
        """
        matched = re.fullmatch("(?P<day>[^HMS]*%[Ymd])(?P<gap>[^%]*)(?P<time>%H:%M(?::%S)?)?", self.format)
        return (matched["day"], matched["gap"], matched["time"] or "") if matched else ("", "", "")

    def split_clock(self) -> tuple[Layout, Layout] | None:
        """Return the layouts of the day and of the time behind it; None when there is no space between the two."""
        return _split_format(self.format, self.years_from)

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
        return _is_day(self.format, self.years_from, text)

    def write(self, moment: datetime) -> str:
        """Write a moment this way. A year that two digits cannot stand for is written with four."""
        in_window = self.years_from <= moment.year < self.years_from + _CENTURY
        texts = {name: f"{getattr(moment, attribute):02d}" for name, attribute in _ATTRIBUTES.items()}
        texts |= {"Y": str(moment.year), "f": f"{moment.microsecond:06d}"}
        # Two digits would be read back as another year: four are refused there, which is told.
        texts["y"] = texts["Y"][-2:] if in_window else texts["Y"]
        return self.fill(texts)

    def fill(self, texts: Mapping[str, str]) -> str:
        """Write parts that are texts already, two digits each; a short part loses its leading zero."""
        tokens = iter_tokens(self.format)
        return "".join(
            literal or (texts[name].removeprefix("0") if short else texts[name]) for literal, name, short in tokens
        )


# Cached: there are few days in a file, and each wrong time asks for its own.
@lru_cache(maxsize=4096)
def _is_day(form: str, years_from: int, text: str) -> bool:
    layout = compile_format(form, years_from)
    split = layout.split_clock()
    day = split[0].format if split else layout.halves[0]
    if not day or not (parts := compile_format(day, years_from).read_parts(text)):
        return False
    try:
        date(parts["Y"], parts["m"], parts["d"])
    except ValueError:
        return False
    return True


@cache
def _split_format(form: str, years_from: int) -> tuple[Layout, Layout] | None:
    tokens = [*_TOKEN.finditer(form)]
    names = [token["name"] for token in tokens]
    hour = names.index("H") if "H" in names else 0
    if hour < 1 or set("Yymd") & set(names[hour:]) or not (gap := tokens[hour - 1]["literal"]) or " " not in gap:
        return None
    at = tokens[hour - 1].start() + gap.index(" ")
    return compile_format(form[:at], years_from), compile_format(form[at + 1 :])


_ATTRIBUTES = {"m": "month", "d": "day", "H": "hour", "M": "minute", "S": "second"}


def iter_tokens(form: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what a format is made of: a literal, or the name of a part and whether it may lack its leading zero."""
    for token in _TOKEN.finditer(form):
        yield token["literal"] or "", token["name"] or "", bool(token["short"])


def drop_parts(form: str, names: str) -> str:
    """Return a format without some of its parts, each with what stood before it, or behind it when it came first."""
    kept: list[str] = []
    gap = ""
    for literal, name, short in iter_tokens(form):
        if literal:
            gap = literal
        elif name not in names:
            kept += [gap if kept else "", f"%{'-' if short else ''}{name}"]
            gap = ""
    return "".join(kept)


def read_layout(form: str, years_from: int | None = None) -> Layout:
    """Compile the format of a day (`%d/%m/%Y`), with or without a time (`%Y-%m-%d %H:%M:%S`).

    Known parts: %Y %m %d %H %M %S; %y (two digits, of the hundred years from `years_from` on); %-d %-m %-H %-M %-S
    (without leading zero, or with); %f (a fraction of a second, cut off) at the very end.

    Raises DefectError for parts that are not supported, and for two-digit years of no stated century.
    """
    layout = compile_format(form, years_from)
    if not ({"m", "d"} <= set(layout.starts) and {"Y", "y"} & set(layout.starts)):
        raise DefectError(N_("the format «{format}» has no whole day: %d, %m and %Y (or %y)"), format=form)
    return layout


@cache
def compile_format(form: str, years_from: int | None = None) -> Layout:
    """Compile any format, that of a time alone too. Raises DefectError as `read_layout` does."""
    pattern, at, open_end = "", 0, False
    starts: dict[str, int] = {}
    for literal, name, short in iter_tokens(form):
        if literal:
            pattern += re.escape(literal)
            at, open_end = at + len(literal), False
            continue
        _check_part(form, name, starts, short=short, open_end=open_end)
        pattern += f"(?P<{name}>{_SHORT if short else _PARTS[name]})"
        starts[name] = at
        at, open_end = at + _WIDTHS.get(name, 2), short
    if {"Y", "y"} <= set(starts):
        raise DefectError(N_("the format «{format}» writes the year twice"), format=form)
    if "y" in starts and years_from is None:
        raise DefectError(
            N_("the format «{format}» has years of two digits: say with years_from which hundred years they are of"),
            format=form,
        )
    is_fixed = "y" not in starts and "%-" not in form
    return Layout(form, pattern, starts, years_from or 0, is_fixed)


def _check_part(form: str, name: str, starts: Mapping[str, int], *, short: bool, open_end: bool) -> None:
    if name not in _PARTS or (short and name not in _CAN_BE_SHORT) or name in starts or "f" in starts:
        known = ", ".join("%" + part for part in _PARTS)
        raise DefectError(
            N_("the format «{format}»: each of {known} at most once, %-d %-m %-H %-M %-S too, and %f only at the end"),
            format=form,
            known=known,
        )
    # Of «111» nobody can say where the day ends.
    if short and open_end:
        raise DefectError(N_("the format «{format}»: something must stand between two parts without zero"), format=form)


def read_layouts(formats: Sequence[str], years_from: int | None = None) -> tuple[Layout, ...]:
    """Compile several formats. Raises DefectError when there is none, or for a part that is not supported."""
    if isinstance(formats, str) or not formats:
        raise DefectError(N_("formats is a list with at least one format"))
    if years_from is not None and not FIRST_WINDOW <= years_from <= LAST_WINDOW:
        raise DefectError(N_("years_from is a year of four digits, such as 1950"))
    return _read_layouts(tuple(formats), years_from)


# Cached, as the example is: a file of which each row is wrong asks for both cell by cell.
@cache
def _read_layouts(formats: tuple[str, ...], years_from: int | None) -> tuple[Layout, ...]:
    return tuple(read_layout(form, years_from) for form in formats)


def describe_expected(formats: Sequence[str], years_from: int | None = None) -> dict[str, str]:
    """Return the detail `expected`: an invented moment, written in each of the formats."""
    return {"expected": _write_examples(tuple(formats), years_from)}


@cache
def _write_examples(formats: tuple[str, ...], years_from: int | None) -> str:
    return " / ".join(_write_example(entry) for entry in read_layouts(formats, years_from))


def _write_example(entry: Layout) -> str:
    if "y" not in entry.starts or entry.years_from <= _EXAMPLE.year < entry.years_from + _CENTURY:
        return entry.write(_EXAMPLE)
    return entry.write(_EXAMPLE.replace(year=entry.years_from))
