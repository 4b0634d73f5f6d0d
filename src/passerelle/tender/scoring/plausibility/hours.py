"""Hours of visits: too long, made from the plan, in round quarters, in another zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.tender.scoring.plausibility.doubt import ENOUGH, raise_doubt
from passerelle.tender.scoring.plausibility.sample_frames import measure_seconds, read_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.scoring.plausibility.doubt import PlausibilityDoubt
    from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames

_DAY = 86_400
_HOUR = 3_600
_PAIRS = (("planned_start", "planned_end"), ("stamped_start", "stamped_end"), ("retained_start", "retained_end"))
_MOST = 0.9
"""Share of stamps from which what they have in common was made by a program, not by people."""
_FIRST, _LAST = 6, 22
"""Hours between which visits begin; nights are few, and said by their length."""


def find_long_visits(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield visits of a whole day or more, of no time at all, and those stamped on another day than planned."""
    for contract in frames.list_contracts("visit", "planned_visit"):
        for start, end in _PAIRS:
            if start not in frames.get_frame(contract).columns:
                continue
            frame = frames.get_frame(contract, start, end).with_columns(measure_seconds(start, end).alias("_long"))
            yield from raise_doubt("tender.plausible.visit_long", contract, end, frame, pl.col("_long") >= _DAY)
            yield from raise_doubt(
                "tender.plausible.visit_empty", contract, end, frame, pl.col("_long") == 0, least=2, share=0.01
            )
        for name in ("stamped_start", "retained_start"):
            if name in frames.get_frame(contract).columns:
                frame = frames.get_frame(contract, "planned_start", name)
                away = measure_seconds("planned_start", name).abs() > _DAY
                yield from raise_doubt("tender.plausible.stamp_elsewhere", contract, name, frame, away)


def find_made_stamps(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield stamps that are the plan plus a constant, and stamps that all fall on quarters of an hour."""
    for contract in frames.list_contracts("visit"):
        for name, planned in (("stamped_start", "planned_start"), ("stamped_end", "planned_end")):
            frame = frames.get_frame(contract, name, planned)
            if frame.height >= ENOUGH:
                gap = measure_seconds(planned, name)
                usual = frame.select(gap.mode().sort().first()).item()
                minutes = f"{usual / 60:g}"
                yield from raise_doubt(
                    "tender.plausible.stamp_made",
                    contract,
                    name,
                    frame,
                    gap == usual,
                    share=_MOST,
                    is_sure=False,
                    minutes=minutes,
                )
            stamps = frames.get_frame(contract, name)
            if stamps.height >= ENOUGH:
                clock = read_local(name)
                quarter = (clock.dt.minute() % 15 == 0) & (clock.dt.second() == 0)
                yield from raise_doubt(
                    "tender.plausible.stamp_round", contract, name, stamps, quarter, share=_MOST, is_sure=False
                )


def find_shifted_hours(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield stamps that are one or two hours off the plan, and visits at hours when nobody visits."""
    for contract in frames.list_contracts("visit"):
        frame = frames.get_frame(contract, "planned_start", "stamped_start")
        gap = measure_seconds("planned_start", "stamped_start")
        for hours in (-2, -1, 1, 2):
            # Half an hour around: people are early and late, clocks of another zone are an hour off.
            near = (gap - hours * _HOUR).abs() <= _HOUR / 2 - 1
            if frame.height >= ENOUGH:
                yield from raise_doubt(
                    "tender.plausible.zone_shifted",
                    contract,
                    "stamped_start",
                    frame,
                    near,
                    share=0.8,
                    is_sure=False,
                    hours=f"{hours:+d}",
                )
    for contract in frames.list_contracts("visit", "planned_visit"):
        for name in ("planned_start", "stamped_start", "retained_start"):
            if name in frames.get_frame(contract).columns:
                yield from _find_odd_hours(frames, contract, name)


def _find_odd_hours(frames: SampleFrames, contract: str, name: str) -> Iterator[PlausibilityDoubt]:
    frame = frames.get_frame(contract, name)
    if frame.height < ENOUGH:
        return
    hour = read_local(name).dt.hour()
    yield from raise_doubt(
        "tender.plausible.hours_odd",
        contract,
        name,
        frame,
        (hour < _FIRST) | (hour >= _LAST),
        share=0.05,
        is_sure=False,
    )
    # Summer or winter, no clock in France shows universal time.
    universal = pl.col(name).str.ends_with("+00:00") | pl.col(name).str.ends_with("Z")
    yield from raise_doubt("tender.plausible.zone_none", contract, name, frame, universal, share=_MOST, is_sure=False)


RULES = (find_long_visits, find_made_stamps, find_shifted_hours)
