"""Offsets computed by columns are those of the zone, around every clock change of every year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from passerelle.stages.translate import Fault, LocalDateTime
from passerelle.stages.translate.columnar import evaluate
from passerelle.stages.translate.slot import ConverterSlot

FORMAT = "%Y-%m-%d %H:%M:%S"
FORMS = (FORMAT, "%d/%m/%Y %H:%M", "%d.%m.%YT%H:%M:%S", "%H:%M:%S %d.%m.%Y")
ZONES = ("Europe/Paris", "Europe/Brussels", "Europe/Zurich", "Indian/Reunion", "America/Martinique", "Pacific/Noumea")
ODD = ("America/Sao_Paulo", "Australia/Lord_Howe")
"""Where clocks change at midnight, and by half an hour."""


@cache
def times_around_changes(zone: str) -> list[datetime]:
    """Give local times a few hours around each change of offset, and one each other week, 1970 to 2040."""
    place, day, last, times = ZoneInfo(zone), datetime(1970, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC), set()
    while day < last:
        changes = day.astimezone(place).utcoffset() != (day + timedelta(days=1)).astimezone(place).utcoffset()
        steps = range(-12 * 60, 36 * 60, 30) if changes else range(0, 60, 60) if day.day % 14 == 1 else ()
        for minutes in steps:
            local = (day + timedelta(minutes=minutes)).replace(tzinfo=None)
            times |= {local, local - timedelta(seconds=1)}
        day += timedelta(days=1)
    return sorted(times)


@pytest.mark.parametrize(
    ("zone", "form"), [*((zone, FORMAT) for zone in ZONES + ODD), *(("Europe/Paris", form) for form in FORMS[1:])]
)
def test_where_the_columns_are_sure_the_record_says_the_same(zone, form):
    converter = LocalDateTime("a", formats=(form,), zone=zone)
    times = times_around_changes(zone)
    texts = [time.strftime(form) for time in times]
    ((values, _plain),) = evaluate(pl.DataFrame({"a": texts}), [ConverterSlot.of("start", converter, pl.String())])
    sure = 0
    for time, text, value in zip(times, texts, values.to_list(), strict=True):
        if value is not None:
            sure += 1
            assert value == converter.parse({"a": text})
        elif 1973 < time.year < 2037:
            assert isinstance(converter.parse({"a": text}), Fault), text
    assert sure > len(times) // 2


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Sao_Paulo"])
def test_a_day_without_time_is_its_midnight(zone):
    converter = LocalDateTime("a", formats=("%d/%m/%Y",), zone=zone)
    days = [time.strftime("%d/%m/%Y") for time in times_around_changes(zone)]
    ((values, _plain),) = evaluate(pl.DataFrame({"a": days}), [ConverterSlot.of("start", converter, pl.String())])
    for text, value in zip(days, values.to_list(), strict=True):
        assert value is None or value == converter.parse({"a": text})
    assert values.null_count() < len(days) // 2


def test_columns_and_halves_of_columns_that_hold_days_do_not_meet():
    forms = ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%YT%H:%M")
    one, other = LocalDateTime("a", formats=forms), LocalDateTime(("a", "b"), formats=("%d/%m/%Y %H:%M",))
    cells = pl.DataFrame(
        {"a": ["01/02/2024 08:00", "03/04/2024 08:00:30", "05/06/2024"], "b": ["09:00", "09:00", "09:00"]}
    )
    found = evaluate(cells, [ConverterSlot.of("one", one, pl.String()), ConverterSlot.of("other", other, pl.String())])
    assert [values.to_list() for values, _plain in found] == [
        ["2024-02-01T08:00:00+01:00", "2024-03-04T08:00:30+01:00", None],
        [None, None, "2024-06-05T09:00:00+02:00"],
    ]
