"""Quantities held against the period that is retained: in minutes, in hundredths, with a constant on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.tender.scoring.plausibility.doubt import ENOUGH, raise_doubt
from passerelle.tender.scoring.plausibility.sample_frames import measure_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.scoring.plausibility.doubt import PlausibilityDoubt
    from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames

_QUARTER = 0.25
"""Hours: what rounding to the quarter, up or down, changes at most."""
_CENT = 0.011


def find_quantities(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield billed quantities that are not the hours retained: times 60, times 100, plus a constant, or others."""
    for contract in frames.list_contracts("visit"):
        frame = frames.get_frame(contract, "billed_quantity", "retained_start", "retained_end")
        frame = frame.filter(pl.col("billed_unit").is_in(("hour", "minute")).fill_null(value=True))
        per_hour = pl.when(pl.col("billed_unit") == "minute").then(60.0).otherwise(1.0)
        frame = frame.with_columns(
            (pl.col("billed_quantity").cast(pl.Float64) / per_hour).alias("_billed"),
            (measure_seconds("retained_start", "retained_end") / 3600).alias("_retained"),
        ).filter(pl.col("_retained") > 0)
        billed, retained = pl.col("_billed"), pl.col("_retained")
        gap, told = billed - retained, pl.lit(value=False)
        for factor in (60, 100, 1 / 60, 1 / 100):
            times = (billed / retained - factor).abs() <= factor * 0.02
            times &= gap.abs() > _QUARTER + _CENT
            told |= times
            yield from raise_doubt(
                "tender.plausible.quantity_times", contract, "billed_quantity", frame, times, factor=_write(factor)
            )
        others = frame.filter(~told)
        usual = others.select(gap.round(2).mode().sort().first()).item() if others.height >= ENOUGH else 0
        if usual and abs(usual) > _CENT:
            same = ((gap - usual).abs() <= _CENT) & ~told
            told |= same
            yield from raise_doubt(
                "tender.plausible.quantity_plus",
                contract,
                "billed_quantity",
                frame,
                same,
                share=0.5,
                is_sure=False,
                hours=f"{usual:+g}",
            )
        yield from raise_doubt(
            "tender.plausible.quantity_other",
            contract,
            "billed_quantity",
            frame,
            (gap.abs() > _QUARTER + _CENT) & ~told,
            least=2,
            share=0.01,
        )


def _write(factor: float) -> str:
    return f"{factor:g}" if factor >= 1 else f"1/{round(1 / factor)}"


RULES = (find_quantities,)
