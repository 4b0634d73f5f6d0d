"""Moments: local times of a declared zone, and instants that carry their offset."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from passerelle.contracts.types import Kind
from passerelle.stages.translate.converter import Column, Doubtful, Fault, cell, merged
from passerelle.stages.translate.converters.calendars import days, minutes
from passerelle.stages.translate.converters.clocks import FIRST_YEAR, oddity, offsets, placed, written
from passerelle.stages.translate.converters.layouts import expected, layouts
from passerelle.stages.translate.converters.texts import joined
from passerelle.vocabulary.promises import Promise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row
    from passerelle.stages.translate.converters.layouts import Layout


_SECONDS = "^:[0-5][0-9]$"
_PROMISE = Promise(Kind.INSTANT)
_LAST_YEAR = 2999
"""Layouts know no later year: hour 24 must not step beyond."""


@dataclass(frozen=True, slots=True)
class LocalDateTime:
    """A local time of a declared zone, as a moment with its offset: `2024-12-31T08:00:00+01:00`.

    `column` may be a pair (day, time), read as one text with a space between. On clock-change nights: `missing` says
    what to do with a time that does not exist (refuse it, or move it later by the length of the gap), `twice` with one
    that exists twice; what is resolved is also warned about. `hour24` reads 24:00 as 0:00 of the next day. `untimed`
    says what a pair is whose time is empty: a fault, or nothing, where other fields of the row say the day.
    """

    column: str | tuple[str, str]
    _: KW_ONLY
    formats: Sequence[str]
    zone: str = "Europe/Paris"
    missing: Literal["refuse", "later"] = "refuse"
    twice: Literal["refuse", "earlier", "later"] = "refuse"
    hour24: bool = True
    untimed: Literal["refuse", "none"] = "refuse"

    def __post_init__(self) -> None:
        layouts(self.formats)
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError):
            message = f"LocalDateTime({self.column!r}): no such zone {self.zone!r}"
            raise ValueError(message) from None

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the column or columns."""
        return (self.column,) if isinstance(self.column, str) else tuple(self.column)

    def parse(self, row: Row) -> str | Doubtful | Fault | None:
        """Read the moment."""
        texts = [text for name in self.columns if (text := cell(row, name))]
        if not texts or (self.untimed == "none" and not cell(row, self.columns[-1])):
            return None
        local = self._read(" ".join(texts))
        return local if isinstance(local, Fault) else self._settle(local)

    def columnar(self) -> Column:
        """Read where the pattern holds, the time exists once, and its year is 1972 to 2037."""
        faces = [self._face(entry) for entry in layouts(self.formats)]
        return Column(pl.coalesce(face.value for face in faces), steps=merged(faces), promise=_PROMISE)

    def render(self, value: Any) -> dict[str, str]:
        """Write the local time in the first format."""
        if not value:
            return dict.fromkeys(self.columns, "")
        local = datetime.fromisoformat(value).astimezone(ZoneInfo(self.zone))
        texts = [layouts(self.formats)[0].write(local)]
        if len(self.columns) > 1:
            texts = texts[0].split(" ", 1)
        return dict(zip(self.columns, (*texts, ""), strict=False))

    @property
    def is_faithful(self) -> bool:
        """Times come back when the first format writes all that some format reads.

        A time that exists twice too: `parse` only ever gives the one that the rule chooses.
        """
        return all(part in self.formats[0] for part in ("%H", "%M", "%S") if any(part in form for form in self.formats))

    def _face(self, entry: Layout) -> Column:
        """Look the day up where the time follows it, plainly; else read the whole text."""
        day, gap, clock = entry.halves
        whole = len(self.columns) == 1
        if not day or not (whole or (gap == " " and clock)):
            text = pl.col(self.columns[0]) if whole else joined(self.columns, " ")
            local = pl.when(entry.matches(text)).then(entry.moment(text))
            return Column(pl.concat_str(*entry.day(text), pl.lit("T"), *entry.time(text), offsets(local, self.zone)))
        first, rest = pl.col(self.columns[0]), pl.col(self.columns[-1])
        if whole:
            width = len(datetime(FIRST_YEAR, 1, 1).strftime(day))  # noqa: DTZ001  how long any day is written
            first, rest = first.str.slice(0, width), rest.str.slice(width)
        else:
            gap = ""
        table, name = days(day, self.zone), f"\0{self.columns[0]} {day} {self.zone} {whole}"
        minute, seconds = _clock(rest, gap, clock)
        moment = pl.concat_str(pl.col(f"{name} dates"), *table.end(minute, seconds, name))
        return Column(moment, steps=table.steps(first, day, name))

    def _read(self, text: str) -> datetime | Fault:
        read = [parts for entry in layouts(self.formats) if (parts := entry.parts(text))]
        for parts in read:
            hour, minute, second = (parts.get(name, 0) for name in "HMS")
            whole_day = self.hour24 and (hour, minute, second) == (24, 0, 0)
            try:
                local = datetime(  # noqa: DTZ001  the zone is given by `_settle`
                    parts["Y"], parts["m"], parts["d"], 0 if whole_day else hour, minute, second
                )
            except ValueError:
                continue
            local += timedelta(days=int(whole_day))
            return local if local.year <= _LAST_YEAR else Fault("translate.time.impossible", self.columns[0])
        if read:
            return Fault("translate.time.impossible", self.columns[0])
        return Fault("translate.time.malformed", self.columns[0], expected(self.formats))

    def _settle(self, local: datetime) -> str | Doubtful | Fault:
        place = ZoneInfo(self.zone)
        odd = oddity(local, place)
        rule = {"missing": self.missing, "twice": self.twice}.get(odd, "")
        if rule == "refuse":
            return Fault(f"translate.time.{odd}", self.columns[0], {"zone": self.zone})
        text = written(placed(local, place, later=rule == "later"))
        if text is None:
            return Fault("translate.time.impossible", self.columns[0])
        return Doubtful(text, "translate.time.resolved", self.columns[0], {"zone": self.zone}) if odd else text


def _clock(text: pl.Expr, gap: str, form: str) -> tuple[pl.Expr, pl.Expr | None]:
    """Read a time behind a gap: the minute of the day, and the text of the seconds where the form has them."""
    if not form:
        return pl.when(text == gap).then(0), None
    seconds = None
    if form.endswith("%S"):
        width = len(f"{gap}HH:MM")
        rest, text = text.str.slice(width), text.str.slice(0, width)
        seconds = pl.when(rest.str.contains(_SECONDS)).then(rest)
    return text.cast(minutes(gap), strict=False).to_physical().cast(pl.Int32), seconds


_INSTANT = re.compile(
    r"(?P<day>[12][0-9]{3}-[0-9]{2}-[0-9]{2})[Tt ]"
    r"(?P<time>(?:[01][0-9]|2[0-3]):[0-5][0-9])(?P<second>:[0-5][0-9])?(?:[.,][0-9]{1,9})?"
    r"(?: ?(?P<offset>[Zz]|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?))?"
)
_PLAIN_INSTANT = (
    r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|\+(?:0[0-9]|1[0-4]):[0-5][0-9]|-(?:0[1-9]|1[0-4]):[0-5][0-9])$"
)


@dataclass(frozen=True, slots=True)
class Instant:
    """An ISO 8601 moment with its offset (or Z). Contracts count whole seconds: a fraction is cut off."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the column."""
        return (self.column,)

    def parse(self, row: Row) -> str | Fault | None:
        """Read the moment, keeping its offset."""
        text = cell(row, self.column)
        if text is None:
            return None
        if not (found := _INSTANT.fullmatch(text)):
            return Fault("translate.instant.malformed", self.column)
        if not found["offset"]:
            return Fault("translate.instant.no_offset", self.column)
        moment = f"{found['day']}T{found['time']}{found['second'] or ':00'}{_offset(found['offset'])}"
        try:
            datetime.fromisoformat(moment)
        except ValueError:
            return Fault("translate.time.impossible", self.column)
        return moment

    def columnar(self) -> Column:
        """Read the canonical ways of writing; the others go by record."""
        text = pl.col(self.column)
        start = pl.when(text.str.contains(_PLAIN_INSTANT)).then(text.str.slice(0, 19))
        local = pl.when(start.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False).is_not_null()).then(start)
        offset = pl.when(text.str.ends_with("Z")).then(pl.lit("+00:00")).otherwise(text.str.slice(-6))
        moment = local + offset
        return Column(moment, promise=_PROMISE)

    def render(self, value: Any) -> dict[str, str]:
        """Write the canonical form."""
        return {self.column: value or ""}

    @property
    def is_faithful(self) -> bool:
        """Instants come back."""
        return True


def _offset(text: str) -> str:
    if text in "Zz":
        return "+00:00"
    digits = text[1:].replace(":", "").ljust(4, "0")
    sign = "+" if digits == "0000" else text[0]
    return f"{sign}{digits[:2]}:{digits[2:]}"
