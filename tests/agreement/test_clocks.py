"""Offsets computed by columns are those of the zone, around every clock change of every year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from passerelle.stages.translate import Fault, LocalDateTime

FORMAT = "%Y-%m-%d %H:%M:%S"
ZONES = ("Europe/Paris", "Europe/Brussels", "Europe/Zurich", "Indian/Reunion", "America/Martinique", "Pacific/Noumea")


def times_around_changes(zone: str) -> list[str]:
    """Give local times a few hours around each change of offset, and one each other week, 1970 to 2040."""
    place, day, last, times = ZoneInfo(zone), datetime(1970, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC), []
    while day < last:
        changes = day.astimezone(place).utcoffset() != (day + timedelta(days=1)).astimezone(place).utcoffset()
        steps = range(0, 36 * 60, 30) if changes else range(0, 60, 60) if day.day % 14 == 1 else ()
        for minutes in steps:
            local = (day + timedelta(minutes=minutes)).replace(tzinfo=None)
            times += [local, local - timedelta(seconds=1)]
        day += timedelta(days=1)
    return sorted({time.strftime(FORMAT) for time in times})


@pytest.mark.parametrize("zone", ZONES)
def test_where_the_columns_are_sure_the_record_says_the_same(zone):
    converter = LocalDateTime("a", formats=(FORMAT,), zone=zone)
    times = times_around_changes(zone)
    values = pl.DataFrame({"a": times}).select(converter.columnar().value).to_series().to_list()
    sure = 0
    for text, value in zip(times, values, strict=True):
        if value is not None:
            sure += 1
            assert value == converter.parse({"a": text})
        elif "1973" < text < "2037":
            assert isinstance(converter.parse({"a": text}), Fault), text
    assert sure > len(times) // 2
