"""Offsets of local times in a zone, and the nights when a local time does not exist or exists twice."""

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
_SECOND, _WEEK = timedelta(seconds=1), timedelta(days=7)
"""No zone changes its offset and takes it back within a week: a test looks at all of them, day by day."""

Oddity = Literal["", "missing", "twice"]


def classify_local_time(local: datetime, zone: ZoneInfo) -> Oddity:
    """Whether a naive local time does not exist there, or exists twice."""
    early, late = (local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return "" if early == late else "twice" if early > late else "missing"


def attach_offset(local: datetime, zone: ZoneInfo, *, later: bool = False) -> datetime:
    """Attach its offset to a naive local time; one that does not exist is moved on by the length of the gap."""
    aware = local.replace(tzinfo=zone, fold=int(later))
    if classify_local_time(local, zone) == "missing":
        # With fold 0 it has the offset from before the gap (PEP 495): through UTC it lands behind it.
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)
    return aware


def format_moment(moment: datetime) -> str | None:
    """Return the canonical text of a moment; None when its offset is not in whole minutes (before standard time)."""
    text = moment.isoformat(timespec="seconds")
    return text if len(text) == 25 else None


def look_up_offsets(local: pl.Expr, zone: str) -> pl.Expr:
    """Return the offset of each local datetime (naive, milliseconds) as text, null where it is not certain.

    Null outside 1972 to 2037, and in the hours that do not exist or exist twice.
    """
    bounds, labels = list_offset_changes(zone)
    # Nulls cannot be searched for: so early a time falls before the first bound, where there is no offset.
    nth = pl.lit(pl.Series(bounds, dtype=pl.Int64)).search_sorted(local.to_physical().fill_null(-(2**62)), side="right")
    return pl.lit(pl.Series(labels, dtype=pl.String)).gather(nth)


@cache
def list_offset_changes(zone: str) -> tuple[tuple[int, ...], tuple[str | None, ...]]:
    """Return the local times (ms) at which the offset changes, and the offsets: `labels[i]` before `bounds[i]`."""
    place = ZoneInfo(zone)
    bounds, labels = [_to_local_ms(_FIRST, place)], [None, _format_offset(_FIRST, place)]
    for moment in _iter_changes(place):
        before, after = _to_local_ms(moment - _SECOND, place) + 1000, _to_local_ms(moment, place)
        bounds += [min(before, after), max(before, after)]
        labels += [None, _format_offset(moment, place)]
    bounds.append(_to_local_ms(_LAST, place))
    return tuple(bounds), (*labels, None)


def _iter_changes(place: ZoneInfo) -> Iterator[datetime]:
    """Yield every change of offset, to the second, found by halving the weeks that have one."""
    week, last = _FIRST.replace(tzinfo=place), _LAST.replace(tzinfo=place)
    offset = _compute_offset(week, place)
    while week < last:
        low, week = week, week + _WEEK
        before, offset = offset, _compute_offset(week, place)
        if before != offset:
            high = week
            while high - low > _SECOND:
                middle = (low + (high - low) // 2).replace(microsecond=0)
                low, high = (middle, high) if _compute_offset(middle, place) == before else (low, middle)
            yield high.replace(tzinfo=UTC)


def _compute_offset(moment: datetime, place: ZoneInfo) -> timedelta:
    # `fromutc` and not `astimezone`, which goes through UTC first: this is called thousands of times.
    return place.fromutc(moment) - moment


def _to_local_ms(moment: datetime, place: ZoneInfo) -> int:
    offset = moment.astimezone(place).utcoffset() or timedelta()
    return round((moment - _EPOCH + offset) / timedelta(milliseconds=1))


def _format_offset(moment: datetime, place: ZoneInfo) -> str | None:
    text = format_moment(moment.astimezone(place))
    return text and text[-6:]
