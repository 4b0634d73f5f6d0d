"""Ends that share their day with a start: one that is before it on the clock is on the next day.

Exports of home care write one day and two times: `26/10/2024;21:00;07:00` ends on the 27th. Compared is what the clock
shows, not how long it lasts: on the night of a clock change a visit is an hour longer or shorter, and ends as written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from passerelle.stages.translate.converters.calendars import build_minute_enum
from passerelle.stages.translate.converters.true_cells import split_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converters.layouts import Layout

AS_START = "translate.time.as_start"

SameTime = Literal["doubt", "same_day", "next_day", "refuse"]
"""What an end is that is written as its start: it may have lasted nothing, or a day."""

Clock = tuple[int, int, int]
"""Hour, minute, second, as written: 24:00 is later than 23:59."""
_LAST_HOUR, _LAST = 24, 59


def read_clock(text: str | None, layouts: Sequence[Layout]) -> Clock | None:
    """Return the time of a cell in the first layout that reads it; None when none does, or there is none."""
    if not text:
        return None
    moment = split_moment(text)
    for entry in layouts:
        if parts := entry.read_parts(moment[1] if moment else text):
            clock = (parts.get("H", 0), parts.get("M", 0), parts.get("S", 0))
            if clock <= (_LAST_HOUR, 0, 0) and max(clock[1:]) <= _LAST:
                return clock
    return None


def count_days(start: Clock | None, end: Clock, same_time: SameTime) -> tuple[int, bool]:
    """Return how many days after its own an end is (0 or 1), and whether it is written as its start."""
    if start is None:
        return 0, False
    same = start == end
    return int(end < start or (same and same_time == "next_day")), same


def read_minutes(text: pl.Expr, layouts: Sequence[Layout]) -> tuple[pl.Expr, pl.Expr | None]:
    """Return the minute of the day of times, null where no layout reads them; and their seconds, of a single layout."""
    minutes: list[pl.Expr] = []
    seconds = None
    for entry in layouts:
        clock = _complete(text, entry) if entry.is_fixed else entry.rewrite(text)
        if "S" in entry.starts:
            # The seconds are only carried along where one layout is asked about: elsewhere minutes decide.
            width = len("HH:MM")
            tail = clock.str.slice(width)
            seconds = pl.when(tail.str.contains("^:[0-5][0-9]$")).then(tail)
            clock = pl.when(seconds.is_not_null()).then(clock.str.slice(0, width))
        minutes.append(clock.cast(build_minute_enum(""), strict=False).to_physical().cast(pl.Int32))
    return pl.coalesce(minutes), seconds


def _complete(text: pl.Expr, entry: Layout) -> pl.Expr:
    """Return times of fixed places as `HH:MM` or `HH:MM:SS`, null where they are not written this way."""
    if entry.format in ("%H:%M", "%H:%M:%S"):
        return text
    pieces = [text.str.slice(entry.starts[name], 2) if name in entry.starts else pl.lit("00") for name in "HM"]
    if "S" in entry.starts:
        pieces.append(text.str.slice(entry.starts["S"], 2))
    return pl.when(entry.match(text)).then(pl.concat_str(*pieces, separator=":"))


def is_on_next_day(end: pl.Expr, start: pl.Expr) -> pl.Expr:
    """Mark the ends that are on the next day; null where that is not sure: no start, or the very same minute."""
    return pl.when(end != start).then(end < start)
