"""When a flow is due: days by a rule, times of these days in a zone, or every so many minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from passerelle.engine.schedule.french_holidays import is_working_day, list_holidays

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

_LONGEST = 366 * 9
"""Days that are looked through: 29 February may be eight years away."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = -1
"""As a day of the month: its last."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """Which days: what is None does not restrict; all that is said must hold, but for `either`."""

    weekdays: frozenset[int] | None = None
    """Monday is 0."""
    month_days: frozenset[int] | None = None
    """1 to 31, or `LAST`."""
    months: frozenset[int] | None = None
    worked: str = ""
    """`weekdays` (Monday to Friday), `saturdays` (to Saturday), `any` (all but public holidays); empty: all days."""
    position: int = 0
    """1: only the first of these days in a month, -1: only the last; 0: all of them."""
    alsace: bool = False
    """Whether the two holidays of Alsace-Moselle count."""
    either: bool = False
    """Whether a day of the week or a day of the month is enough, as cron has it."""

    def covers(self, day: date) -> bool:
        """Whether a day is one of them."""
        if not self.position:
            return self._holds(day)
        return self._holds(day) and not any(self._holds(other) for other in _iter_month(day, self.position))

    def _holds(self, day: date) -> bool:
        if self.months is not None and day.month not in self.months:
            return False
        if not self._is_worked(day):
            return False
        of_week = self.weekdays is None or day.weekday() in self.weekdays
        is_last = (day + timedelta(days=1)).month != day.month
        of_month = self.month_days is None or day.day in self.month_days or (is_last and LAST in self.month_days)
        return of_week or of_month if self.either else of_week and of_month

    def _is_worked(self, day: date) -> bool:
        match self.worked:
            case "":
                return True
            case "any":  # a Sunday is no holiday by itself
                return day not in list_holidays(day.year, alsace=self.alsace)
            case _:
                return is_working_day(day, saturdays=self.worked == "saturdays", alsace=self.alsace)


def _iter_month(day: date, position: int) -> Iterator[date]:
    """Yield the days of the month before a day (position 1) or after it (-1)."""
    step = timedelta(days=-position)
    while (day + step).month == day.month:
        day += step
        yield day


@dataclass(frozen=True, slots=True)
class DueRule:
    """When something is due. With `every`, at its multiples since 1970, whatever the local time is."""

    days: DayRule = DayRule()
    times: tuple[time, ...] = ()
    """Local times, in order."""
    every: timedelta | None = None

    def find_last(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the latest moment at or before `now` at which it was due, in UTC; None for a rule that never holds."""
        if self.every is not None:
            return _EPOCH + (now - _EPOCH) // self.every * self.every
        return next((moment for moment in self._iter_moments(now, zone, -1) if moment <= now), None)

    def find_next(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the first moment after `now` at which it is due, in UTC; None for a rule that never holds."""
        if self.every is not None:
            return _EPOCH + ((now - _EPOCH) // self.every + 1) * self.every
        return next((moment for moment in self._iter_moments(now, zone, 1) if moment > now), None)

    def _iter_moments(self, now: datetime, zone: ZoneInfo, step: int) -> Iterator[datetime]:
        """Yield moments of days from the day beside `now` on, in order of `step`."""
        day = now.astimezone(zone).date() - timedelta(days=step)  # an hour that does not exist falls behind midnight
        for _count in range(_LONGEST):
            if self.days.covers(day):
                yield from sorted(self._resolve(day, zone), reverse=step < 0)
            day += timedelta(days=step)

    def _resolve(self, day: date, zone: ZoneInfo) -> set[datetime]:
        """Return the moments of a day: a time that the clock skips is an hour later, one that comes twice the first."""
        return {datetime.combine(day, each, zone).astimezone(UTC) for each in self.times}
