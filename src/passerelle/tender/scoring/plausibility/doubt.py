"""A plausibility doubt: which records show it, among how many, and how sure one can be."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from passerelle.tender.scoring.plausibility.sample_frames import PLACE, SampleFrames

if TYPE_CHECKING:
    import polars as pl

ENOUGH = 20
"""Fewer values have no distribution: whatever they show may be chance."""


@dataclasses.dataclass(frozen=True, slots=True)
class PlausibilityDoubt:
    """What a rule saw in the records of one contract."""

    code: str
    contract: str
    field: str
    rows: pl.DataFrame
    """Places of the records that show it: sample, member, line."""
    checked: int
    """Records that were looked at."""
    is_sure: bool
    """Whether each of these records shows it by itself; else all of them together do."""
    details: Mapping[str, str] = dataclasses.field(default_factory=dict)


Rule = Callable[[SampleFrames], Iterator[PlausibilityDoubt]]


def raise_doubt(  # noqa: PLR0913  one argument for each part of a doubt
    code: str,
    contract: str,
    name: str,
    frame: pl.DataFrame,
    mask: pl.Expr,
    *,
    least: int = 1,
    share: float = 0.0,
    is_sure: bool = True,
    **details: str,
) -> Iterator[PlausibilityDoubt]:
    """Yield a doubt when at least `least` rows of the frame, and at least this share of them, are in the mask."""
    rows = frame.filter(mask.fill_null(value=False)).select(PLACE)
    if rows.height and rows.height >= max(least, share * frame.height):
        yield PlausibilityDoubt(code, contract, name, rows, frame.height, is_sure, details)
