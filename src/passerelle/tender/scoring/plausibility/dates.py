"""Dates far from all others, births that cannot be, days and months exchanged, dates that somebody filled in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from passerelle.tender.scoring.plausibility.doubt import ENOUGH, raise_doubt
from passerelle.tender.scoring.plausibility.sample_frames import read_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.scoring.plausibility.doubt import PlausibilityDoubt
    from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames

_FAR = 400
"""Days: more than a year of history and its planning is asked of no sample."""
_NEAR = 62
"""Days around the middle of a sample of one or two months."""
_OLDEST = 115
"""Years. The oldest person ever in France died at 122."""
_DATED = (
    ("visit", "planned_start"),
    ("visit", "stamped_start"),
    ("visit", "stamped_end"),
    ("visit", "retained_start"),
    ("visit", "retained_end"),
    ("planned_visit", "planned_start"),
    ("invoice", "issued_on"),
    ("absence", "starts_on"),
)


def find_far_dates(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield dates that lie a year or more from where all others are."""
    for family, name in _DATED:
        for contract in frames.list_contracts(family):
            frame = frames.get_frame(contract, name).with_columns(read_day(name).alias("_day"))
            if frame.height < ENOUGH:
                continue
            gap = (pl.col("_day") - pl.col("_day").median()).dt.total_days().abs()
            # Half of the dates near the middle: then those far away are strangers, not a long history.
            if frame.select((gap <= _NEAR).mean()).item() >= 0.5:
                yield from raise_doubt("tender.plausible.date_far", contract, name, frame, gap > _FAR)


def find_births(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield births after the day of the score, ages that nobody reaches, and births that all fall on one day."""
    today = date.fromisoformat(frames.day)
    for contract in frames.list_contracts("person"):
        frame = frames.get_frame(contract, "birth_date").with_columns(read_day("birth_date").alias("_day"))
        born = pl.col("_day")
        absurd = (born > today) | (born < date(today.year - _OLDEST, 1, 1))
        yield from raise_doubt("tender.plausible.birth_absurd", contract, "birth_date", frame, absurd)
        if frame.height < ENOUGH:
            continue
        first = (born.dt.month() == 1) & (born.dt.day() == 1)
        yield from raise_doubt(
            "tender.plausible.birth_default", contract, "birth_date", frame, first, share=0.25, is_sure=False
        )
        # Every day up to the twelfth: one birth in 2.5 is, 20 of 20 are by an export that exchanges day and month.
        early = frame.get_column("_day").dt.day() <= 12
        if early.all():
            yield from raise_doubt(
                "tender.plausible.day_and_month", contract, "birth_date", frame, born.is_not_null(), is_sure=False
            )


def find_exchanged(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield dates outside the month of the sample that fall into it once day and month change places."""
    for family, name in _DATED:
        for contract in frames.list_contracts(family):
            frame = frames.get_frame(contract, name).with_columns(read_day(name).alias("_day"))
            if frame.height < ENOUGH:
                continue
            day = pl.col("_day")
            month = frame.select((day.dt.year() * 12 + day.dt.month()).mode().sort().first()).item()
            here = day.dt.year() * 12 + day.dt.month()
            exchanged = day.dt.year() * 12 + day.dt.day()
            # Beyond the neighbours of the sample's own month: a sample may begin and end within one.
            wrong = (day.dt.day() <= 12) & ((here - month).abs() > 1) & (exchanged == month)
            yield from raise_doubt("tender.plausible.day_and_month", contract, name, frame, wrong, least=2, share=0.02)


RULES = (find_far_dates, find_births, find_exchanged)
