"""French public holidays, computed: those of the Labour Code (L. 3133-1), the two more of Alsace-Moselle (L. 3134-13).

The days of the abolition of slavery (L. 3422-2), which differ between overseas departments, are not among them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)
"""Days after Easter Sunday: Easter Monday, Ascension, Whit Monday."""


def compute_easter(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (Meeus, Astronomical Algorithms, chapter 8)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leaps, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    weekday = (32 + 2 * rest + 2 * (of_century // 4) - epact - of_century % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=16)
def list_holidays(year: int, *, alsace: bool = False) -> frozenset[date]:
    """Return the public holidays of a year; with `alsace`, Good Friday and 26 December too."""
    easter = compute_easter(year)
    days = {date(year, month, day) for month, day in _FIXED} | {easter + timedelta(days=days) for days in _AFTER_EASTER}
    if alsace:
        days |= {easter - timedelta(days=2), date(year, 12, 26)}
    return frozenset(days)


def is_working_day(day: date, *, saturdays: bool = False, alsace: bool = False) -> bool:
    """Whether a day is worked: Monday to Friday (`saturdays`: to Saturday) and no public holiday."""
    return day.weekday() < (6 if saturdays else 5) and day not in list_holidays(day.year, alsace=alsace)
