"""The refs of every row of a batch, delivered or set aside: what is present in a whole export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from passerelle.engine.path.whole_rule import WholeRule
    from passerelle.stages.translate.translation import Translation
    from passerelle.vocabulary.parcels import DecodedBatch


@dataclass(frozen=True, slots=True)
class PresentRefs:
    """What one batch holds: by contract a frame with `ref` and `day`, and how many rows have no readable ref."""

    frames: tuple[tuple[str, pl.DataFrame], ...]
    unnamed: int = 0


def collect_present_refs(translation: Translation, decoded: DecodedBatch, rule: WholeRule) -> PresentRefs:
    """Return the refs of all rows of a batch, before validation: a rejected row has not vanished."""
    frames, unnamed = [], len(decoded.aside)
    # rows of no table may be records whose kind cannot be told; those out of scope are of no contract here
    unnamed += sum(item.fate is Fate.REJECTED and not item.contract for item in translation.aside)
    for contract, frame in translation.iter_frames():
        if (contract_rule := rule.contracts.get(contract)) is not None:
            named = frame.select(pl.col("ref"), _read_day(frame, contract_rule.within)).drop_nulls("ref")
            unnamed += frame.height - named.height
            frames.append((contract, named))
    return PresentRefs(tuple(frames), unnamed)


def _read_day(frame: pl.DataFrame, within: str) -> pl.Expr:
    """Return the day of a field in canonical form: the first ten characters of a day, or of a moment."""
    if within not in frame.columns:
        return pl.lit(None, pl.Date).alias("day")
    return pl.col(within).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).alias("day")
