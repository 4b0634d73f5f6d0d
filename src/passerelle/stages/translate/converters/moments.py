"""Converters of moments: local times of a declared zone, and instants that carry their offset."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY  # noqa: TC003  looked up by its name where the class is made
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from passerelle.contracts.types import FieldKind
from passerelle.stages.translate.converter import ColumnarTranslation, Doubtful, Fault, merge_steps, read_cell
from passerelle.stages.translate.converters.calendars import build_day_tables, build_minute_enum
from passerelle.stages.translate.converters.clocks import (
    FIRST_YEAR,
    attach_offset,
    classify_local_time,
    format_moment,
    look_up_offsets,
)
from passerelle.stages.translate.converters.layouts import read_layouts
from passerelle.stages.translate.converters.nights import (
    AS_START,
    SameTime,
    count_days,
    is_on_next_day,
    read_clock,
    read_minutes,
)
from passerelle.stages.translate.converters.texts import join_columns
from passerelle.stages.translate.converters.true_cells import join_pair, list_moment_formats
from passerelle.stages.translate.converters.usual_formats import describe_unread, describe_unread_clock
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.guarantees import Guarantee
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row
    from passerelle.stages.translate.converters.layouts import Layout
    from passerelle.stages.translate.converters.nights import Clock


_SECONDS = "^:[0-5][0-9]$"
_GUARANTEE = Guarantee(FieldKind.INSTANT)
_LAST_YEAR = 2999
"""Layouts accept no later year: hour 24 must not step beyond."""


@dataclass(frozen=True, slots=True)
class LocalDateTime:
    """A local time of a declared zone, as a moment with its offset: `2024-12-31T08:00:00+01:00`.

    `column` may be a pair (day, time), read as one text with a space between. On clock-change nights: `missing` says
    what to do with a time that does not exist (refuse it, or move it later by the length of the gap), `twice` with one
    that exists twice; what is resolved is also warned about. `hour24` reads 24:00 as 0:00 of the next day. `untimed`
    says what a pair is whose time is empty: a fault, or nothing, where other fields of the row say the day.

    `after` is for a pair that shares its day with another: the column of the time at which what ends here began. An end
    before it on the clock is on the next day. `same_time` says what an end is that is written as its start: the same
    day, with a warning (`doubt`) or without (`same_day`), the next day, or a fault (`refuse`).
    """

    column: str | tuple[str, str]
    _: KW_ONLY
    formats: Sequence[str]
    years_from: int | None = None
    """For years of two digits (`%y`): the first of the hundred years that they are of."""
    zone: str = "Europe/Paris"
    missing: Literal["refuse", "later"] = "refuse"
    twice: Literal["refuse", "earlier", "later"] = "refuse"
    hour24: bool = True
    untimed: Literal["refuse", "none"] = "refuse"
    after: str = ""
    same_time: SameTime = "doubt"
    true_cells: bool = False
    """Whether true dates and times of a worksheet are read too, as its reader writes them."""

    def __post_init__(self) -> None:
        layouts = read_layouts(self.formats, self.years_from)
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError):
            raise DefectError(N_("there is no zone «{zone}»; one is named «Europe/Paris»"), zone=self.zone) from None
        if self.after and (isinstance(self.column, str) or any(entry.split_clock() is None for entry in layouts)):
            raise DefectError(N_("after needs a pair of columns, and formats that are a day, a space and a time"))

    @property
    def columns(self) -> tuple[str, ...]:
        """The column or columns that are read."""
        return (*self._own, self.after) if self.after else self._own

    @property
    def _own(self) -> tuple[str, ...]:
        return (self.column,) if isinstance(self.column, str) else tuple(self.column)

    def parse(self, row: Row) -> str | Doubtful | Fault | None:
        """Return the moment; `Doubtful` when a rule had to resolve it."""
        texts = [text for name in self._own if (text := read_cell(row, name))]
        if self.true_cells and len(self._own) > 1:
            texts = [text for text in (join_pair(*(read_cell(row, name) or "" for name in self._own)),) if text]
        # The last column of a pair is its time.
        if not texts or (self.untimed == "none" and not read_cell(row, self._own[-1])):
            return None
        begun = read_cell(row, self.after) if self.after else None
        start = read_clock(begun, self._clocks)
        if begun and start is None:
            # Of a start that nobody can read, nobody can say on which day it ended.
            details = describe_unread_clock(begun, self.formats, self.years_from)
            return Fault("translate.time.malformed", self.after, details)
        local = self._parse_local(" ".join(texts), start)
        return self._locate_fault(row, local) if isinstance(local, Fault) else self._resolve(*local)

    def parse_columns(self) -> ColumnarTranslation:
        """Return moments where the pattern matches, the time exists once, and the year is 1972 to 2037."""
        columnars = [self._parse_layout(entry) for entry in read_layouts(self._accepted, self.years_from)]
        return ColumnarTranslation(
            pl.coalesce(columnar.value for columnar in columnars), steps=merge_steps(columnars), guarantee=_GUARANTEE
        )

    def render(self, value: Any) -> dict[str, str]:
        """Write the local time in the first format. The start, and the day it shares with this, is not ours to write.

        `after` itself is left to the field that it is the time of.
        """
        if not value:
            return dict.fromkeys(self._own, "")
        local = datetime.fromisoformat(value).astimezone(ZoneInfo(self.zone))
        layout = read_layouts(self.formats, self.years_from)[0]
        if len(self._own) == 1:
            return {self._own[0]: layout.write(local)}
        # Cut at the format's own space: a day may hold one too.
        split = layout.split_clock()
        texts = [part.write(local) for part in split] if split else layout.write(local).split(" ", 1)
        return dict(zip(self._own, (*texts, ""), strict=False))

    @property
    def is_faithful(self) -> bool:
        """True when the first format writes all that some format reads.

        This holds for times that exist twice too: `parse` only ever returns the one that the rule chooses. It does not
        for an end `after` its start, which is written without it.
        """
        parts = [read_layouts((form,), self.years_from)[0].starts for form in self._accepted]
        years = "y" not in parts[0] or all("y" in others for others in parts)
        return years and all(name in parts[0] for name in "HMS" if any(name in others for others in parts))

    @property
    def _accepted(self) -> Sequence[str]:
        if not self.true_cells:
            return self.formats
        return list_moment_formats(self.formats, is_pair=len(self._own) > 1, years_from=self.years_from)

    @property
    def _clocks(self) -> tuple[Layout, ...]:
        """The layouts of the times, without their days, by which the column `after` is read."""
        if not self.after:
            return ()
        split = (entry.split_clock() for entry in read_layouts(self._accepted, self.years_from))
        return tuple(dict.fromkeys(halves[1] for halves in split if halves))

    def _parse_layout(self, entry: Layout) -> ColumnarTranslation:
        """Return the columnar translation of one format: look the day up if a time follows it, else parse all of it."""
        split = entry.split_clock()
        if split and len(self._own) > 1 and (self.after or not entry.is_fixed):
            return self._parse_pair(*split)
        if not entry.is_fixed:
            return self._parse_rewritten(entry)
        day, gap, clock = entry.halves
        whole = len(self._own) == 1
        if not day or not (whole or (gap == " " and clock)):
            text = pl.col(self._own[0]) if whole else join_columns(self._own, " ")
            local = pl.when(entry.match(text)).then(entry.parse_moment(text))
            return ColumnarTranslation(
                pl.concat_str(
                    *entry.cut_day(text), pl.lit("T"), *entry.cut_time(text), look_up_offsets(local, self.zone)
                )
            )
        first, rest = pl.col(self._own[0]), pl.col(self._own[-1])
        if whole:
            width = len(datetime(FIRST_YEAR, 1, 1).strftime(day))  # noqa: DTZ001  how long any day is written
            first, rest = first.str.slice(0, width), rest.str.slice(width)
        else:
            gap = ""
        # No column of a supplier has a NUL in its name: decoding refuses it.
        table, name = build_day_tables(day, self.zone), f"\0{self._own[0]} {day} {self.zone} {whole}"
        minute, seconds = _parse_clock(rest, gap, clock)
        moment = pl.concat_str(pl.col(f"{name} dates"), *table.make_ending(minute, seconds, name))
        return ColumnarTranslation(moment, steps=table.make_steps(first, day, name))

    def _parse_rewritten(self, entry: Layout) -> ColumnarTranslation:
        """Return the columnar translation of a format without fixed places: rewritten first, then as any other."""
        whole = len(self._own) == 1
        text = entry.rewrite(pl.col(self._own[0]) if whole else join_columns(self._own, " "))
        name = f"\0{' '.join(self._own)} {entry.format} {entry.years_from} {self.zone}"
        day, gap, clock = entry.canonical.halves
        table, width = build_day_tables(day, self.zone), len("YYYY-MM-DD")
        rewritten = pl.col(f"{name} text")
        steps = table.make_steps(rewritten.str.slice(0, width), day, name)
        minute, seconds = _parse_clock(rewritten.str.slice(width), gap, clock)
        moment = pl.concat_str(pl.col(f"{name} dates"), *table.make_ending(minute, seconds, name))
        return ColumnarTranslation(moment, steps=({f"{name} text": text}, *steps))

    def _parse_pair(self, day: Layout, clock: Layout) -> ColumnarTranslation:
        """Return the columnar translation of a day and a time that stand apart, `after` another time or not."""
        name = f"\0{' '.join(self.columns)} {day.format} {clock.format} {day.years_from} {self.zone} {self.same_time}"
        texts = {f"{name} text": day.rewrite(pl.col(self._own[0])), f"{name} clock": pl.col(self._own[1])}
        minute, seconds = read_minutes(pl.col(f"{name} clock"), (clock,))
        next_day = None
        if self.after:
            next_day = is_on_next_day(minute, read_minutes(pl.col(self.after), self._clocks)[0])
        form = day.canonical.format
        table = build_day_tables(form, self.zone)
        steps = table.make_steps(pl.col(f"{name} text"), form, name, next_day=next_day)
        moment = pl.concat_str(pl.col(f"{name} dates"), *table.make_ending(minute, seconds, name))
        return ColumnarTranslation(moment, steps=(texts, *steps))

    def _parse_local(self, text: str, start: Clock | None) -> tuple[datetime, bool] | Fault:
        """Return the local time, and whether it is written as its start."""
        layouts = read_layouts(self._accepted, self.years_from)
        parts_read = [parts for entry in layouts if (parts := entry.read_parts(text))]
        for parts in parts_read:
            hour, minute, second = (parts.get(name, 0) for name in "HMS")
            whole_day = self.hour24 and (hour, minute, second) == (24, 0, 0)
            try:
                local = datetime(  # noqa: DTZ001  `_resolve` attaches the offset
                    parts["Y"], parts["m"], parts["d"], 0 if whole_day else hour, minute, second
                )
            except ValueError:
                continue  # another format may read a real day in the same text
            days, same = count_days(start, (hour, minute, second), self.same_time)
            if local.year <= _LAST_YEAR:
                local += timedelta(days=days + int(whole_day))
            return (local, same) if local.year <= _LAST_YEAR else self._make_fault("impossible")
        if parts_read:
            return self._make_fault("impossible")
        return self._make_fault("malformed", **describe_unread(text, self.formats, self.years_from))

    def _make_fault(self, what: str, **details: str) -> Fault:
        return Fault(f"translate.time.{what}", self._own[0], details)

    def _locate_fault(self, row: Row, fault: Fault) -> Fault:
        """Return the fault at the column of a pair that is wrong: at the time, when the day can be read alone."""
        day, layouts = read_cell(row, self._own[0]), read_layouts(self.formats, self.years_from)
        if len(self._own) > 1 and day and any(entry.read_day(day) for entry in layouts):
            return Fault(fault.reason, self._own[-1], fault.details)
        return fault

    def _resolve(self, local: datetime, same: bool) -> str | Doubtful | Fault:  # noqa: FBT001  a pair of `_parse_local`
        place = ZoneInfo(self.zone)
        if same and self.same_time == "refuse":
            return Fault(AS_START, self._own[-1])
        oddity = classify_local_time(local, place)
        rule = {"missing": self.missing, "twice": self.twice}.get(oddity, "")
        if rule == "refuse":
            return self._make_fault(oddity, zone=self.zone)
        text = format_moment(attach_offset(local, place, later=rule == "later"))
        if text is None:
            return self._make_fault("impossible")
        if oddity:
            return Doubtful(text, "translate.time.resolved", self._own[0], {"zone": self.zone})
        return Doubtful(text, AS_START, self._own[-1]) if same and self.same_time == "doubt" else text


def _parse_clock(text: pl.Expr, gap: str, form: str) -> tuple[pl.Expr, pl.Expr | None]:
    """Parse a time behind a gap: the minute of the day, and the text of the seconds where the form has them."""
    if not form:
        return pl.when(text == gap).then(0), None
    seconds = None
    if form.endswith("%S"):
        width = len(f"{gap}HH:MM")
        rest, text = text.str.slice(width), text.str.slice(0, width)
        seconds = pl.when(rest.str.contains(_SECONDS)).then(rest)
    return text.cast(build_minute_enum(gap), strict=False).to_physical().cast(pl.Int32), seconds


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
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> str | Fault | None:
        """Return the moment with the offset it came with."""
        text = read_cell(row, self.column)
        if text is None:
            return None
        if not (matched := _INSTANT.fullmatch(text)):
            return Fault("translate.instant.malformed", self.column)
        if not matched["offset"]:
            return Fault("translate.instant.no_offset", self.column)
        offset = "+00:00"
        if matched["offset"] not in "Zz":
            digits = matched["offset"][1:].replace(":", "").ljust(4, "0")
            # «-00:00» is UTC as well; Python writes it back with a plus.
            sign = "+" if digits == "0000" else matched["offset"][0]
            offset = f"{sign}{digits[:2]}:{digits[2:]}"
        moment = f"{matched['day']}T{matched['time']}{matched['second'] or ':00'}{offset}"
        try:
            datetime.fromisoformat(moment)
        except ValueError:
            return Fault("translate.time.impossible", self.column)
        return moment

    def parse_columns(self) -> ColumnarTranslation:
        """Return moments in the canonical ways of writing; the others are translated row-wise."""
        text = pl.col(self.column)
        start = pl.when(text.str.contains(_PLAIN_INSTANT)).then(text.str.slice(0, 19))
        local = pl.when(start.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False).is_not_null()).then(start)
        offset = pl.when(text.str.ends_with("Z")).then(pl.lit("+00:00")).otherwise(text.str.slice(-6))
        moment = local + offset
        return ColumnarTranslation(moment, guarantee=_GUARANTEE)

    def render(self, value: Any) -> dict[str, str]:
        """Write the canonical form."""
        return {self.column: value or ""}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True
