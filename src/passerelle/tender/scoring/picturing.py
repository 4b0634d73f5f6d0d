"""What the samples look like, in figures to be drawn: visits by hour and minute, hours by month, fields by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.tender.scoring.plausibility.sample_frames import PLACE, measure_seconds, read_local
from passerelle.tender.scoring.scorecard import FilledMonths, SamplePicture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.tender.consultation import Consultation
    from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames

MOST_MONTHS = 24
"""The last ones are drawn."""
_STAGES = (
    ("planned", "planned_start", "planned_end"),
    ("stamped", "stamped_start", "stamped_end"),
    ("retained", "retained_start", "retained_end"),
)
_UNDATED = ("person", "organisation", "professional", "related_contact")
"""Families whose days say when somebody was born or took office, and not when something happened."""


def draw_sample(frames: SampleFrames) -> tuple[SamplePicture, ...]:
    """Return the pictures of what the samples hold; none of what they do not hold."""
    made: list[SamplePicture] = []
    for contract in frames.list_contracts("visit"):
        frame = frames.get_frame(contract)
        made += _count_times(frame, "hours", 24, lambda moment: moment.dt.hour())
        made += _count_times(frame, "minutes", 60, lambda moment: moment.dt.minute())
        made += _sum_months(frame)
    return tuple(made)


def _count_times(
    frame: pl.DataFrame, key: str, size: int, take: Callable[[pl.Expr], pl.Expr]
) -> Iterator[SamplePicture]:
    """Count the starts of visits by a part of their local time."""
    names, rows = [], []
    for stage, start, _end in _STAGES:
        at = frame.select(take(read_local(start)).alias("at")).drop_nulls().get_column("at")
        if len(at):
            counts = dict(at.value_counts().iter_rows())
            names.append(stage)
            rows.append(tuple(float(counts.get(nth, 0)) for nth in range(size)))
    if rows:
        labels = tuple(f"{nth:02d}" for nth in range(size))
        yield SamplePicture(key=key, labels=labels, names=tuple(names), rows=tuple(rows))


def _sum_months(frame: pl.DataFrame) -> Iterator[SamplePicture]:
    """Sum the hours of visits by month: as planned, stamped, retained and billed."""
    hours = [(measure_seconds(start, end) / 3600).alias(stage) for stage, start, end in _STAGES]
    per_hour = pl.when(pl.col("billed_unit") == "minute").then(60.0).otherwise(1.0)
    is_time = pl.col("billed_unit").is_in(("hour", "minute")).fill_null(value=True)
    billed = pl.when(is_time).then(pl.col("billed_quantity").cast(pl.Float64, strict=False) / per_hour)
    day = pl.coalesce(start for _stage, start, _end in _STAGES).str.slice(0, 7)
    summed = (
        frame.select(day.alias("month"), *hours, billed.alias("billed"))
        .drop_nulls("month")
        .group_by("month")
        .sum()
        .sort("month")
        .tail(MOST_MONTHS)
    )
    names = [name for name in summed.columns[1:] if summed.get_column(name).sum()]
    if names:
        rows = [tuple(round(value, 2) for value in summed.get_column(name)) for name in names]
        months = tuple(summed.get_column("month"))
        yield SamplePicture(key="months", labels=months, names=tuple(names), rows=tuple(rows))


def map_fill(frames: SampleFrames, consultation: Consultation) -> FilledMonths:
    """Return, by contract and month, the share of the fields asked for that the records of that month fill."""
    found: dict[str, dict[str, float]] = {}
    for pinned in consultation.contracts:
        contract = pinned.id
        asked = consultation.list_asked_fields(contract)
        if not asked or contract not in frames.list_contracts():
            continue
        if contracts.get(contract).about.family in _UNDATED:
            continue
        found[contract] = dict(_iter_months(frames.get_frame(contract), contract, asked))
    months = sorted({month for shares in found.values() for month in shares})[-MOST_MONTHS:]
    rows = [(contract, tuple(shares.get(month) for month in months)) for contract, shares in found.items()]
    return FilledMonths(months=tuple(months), rows=tuple(rows))


def _iter_months(frame: pl.DataFrame, contract: str, asked: Sequence[str]) -> Iterator[tuple[str, float]]:
    kinds = (FieldKind.DAY, FieldKind.INSTANT)
    dates = [name for name, shape in list_shapes(contracts.get(contract)).items() if shape.kind in kinds]
    names = [name for name in asked if name in frame.columns and name not in PLACE]
    if not dates or not names:
        return
    month = pl.coalesce(pl.col(name) for name in dates).str.slice(0, 7).alias("month")
    filled = pl.mean_horizontal(pl.col(name).is_not_null().cast(pl.Float64) for name in names).alias("share")
    shares = frame.select(month, filled).drop_nulls("month").group_by("month").mean().sort("month")
    yield from ((str(name), round(share, 4)) for name, share in shares.iter_rows())
