"""Clocks of a place: which offset a local time has, and the nights when a time does not exist or exists twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_YEAR, LAST_YEAR = 1972, 2037
"""Before, offsets were not always whole minutes; after, clock changes are not known."""
_FIRST, _LAST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)

Oddity = Literal["", "missing", "twice"]


def oddity(local: datetime, zone: ZoneInfo) -> Oddity:
    """Say whether a naive local time does not exist there, or exists twice."""
    early, late = (local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return "" if early == late else "twice" if early > late else "missing"


def placed(local: datetime, zone: ZoneInfo, *, later: bool = False) -> datetime:
    """Give a naive local time its offset. A time that does not exist moves on by the length of the gap."""
    aware = local.replace(tzinfo=zone, fold=int(later))
    if oddity(local, zone) == "missing":
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)
    return aware


def written(moment: datetime) -> str | None:
    """Write a moment canonically; None when its offset is not in whole minutes (before standard time)."""
    text = moment.isoformat(timespec="seconds")
    return text if len(text) == 25 else None


def offsets(local: pl.Expr, zone: str) -> pl.Expr:
    """Give the offset of each local datetime (naive, milliseconds) as text, null where it takes thought.

    Null outside 1972 to 2037, and in the hours that do not exist or exist twice.
    """
    bounds, labels = breaks(zone)
    nth = pl.lit(pl.Series(bounds, dtype=pl.Int64)).search_sorted(local.to_physical().fill_null(-(2**62)), side="right")
    return pl.lit(pl.Series(labels, dtype=pl.String)).gather(nth)


@cache
def breaks(zone: str) -> tuple[tuple[int, ...], tuple[str | None, ...]]:
    """List the local times (ms) where the offset changes; `labels[i]` holds before `bounds[i]`."""
    place = ZoneInfo(zone)
    bounds, labels = [_local(_FIRST, place)], [None, _label(_FIRST, place)]
    for moment in _changes(place):
        before, after = _local(moment - _SECOND, place) + 1000, _local(moment, place)
        bounds += [min(before, after), max(before, after)]
        labels += [None, _label(moment, place)]
    bounds.append(_local(_LAST, place))
    return tuple(bounds), (*labels, None)


def _changes(place: ZoneInfo) -> Iterator[datetime]:
    """Find every change of offset, to the second, by halving the days that have one."""
    day, last = _FIRST.replace(tzinfo=place), _LAST.replace(tzinfo=place)
    offset = _offset(day, place)
    while day < last:
        low, day = day, day + _DAY
        before, offset = offset, _offset(day, place)
        if before != offset:
            high = day
            while high - low > _SECOND:
                middle = (low + (high - low) // 2).replace(microsecond=0)
                low, high = (middle, high) if _offset(middle, place) == before else (low, middle)
            yield high.replace(tzinfo=UTC)


def _offset(moment: datetime, place: ZoneInfo) -> timedelta:
    """Give the offset at a moment of UTC that bears the zone of the place already, as `fromutc` has it: 24,000 days."""
    return place.fromutc(moment) - moment


def _local(moment: datetime, place: ZoneInfo) -> int:
    offset = moment.astimezone(place).utcoffset() or timedelta()
    return round((moment - _EPOCH + offset) / timedelta(milliseconds=1))


def _label(moment: datetime, place: ZoneInfo) -> str | None:
    text = written(moment.astimezone(place))
    return text and text[-6:]
