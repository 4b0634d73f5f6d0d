"""The records of all samples as frames, with their places: what plausibility rules look at."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from passerelle.vocabulary.parcels import Records, TextTable

SAMPLE, MEMBER, LINE = "_sample", "_member", "_line"
PLACE = (SAMPLE, MEMBER, LINE)
"""Columns that say where a record stands."""
MOST = 200_000
"""Records of a contract that are looked at. They are in memory; more would show the same distribution."""


_UNLOOKED = tuple({*PIPELINE_FIELDS, "extra", "identifiers", "confirmed_none"} - {ROW})
"""Columns that no rule looks at; what a supplier adds has another type in each file."""


@dataclass(slots=True)
class SampleFrames:
    """Collector of the records of samples, by contract. Held as long as a scoring only."""

    day: str
    """The day of the score: what lies long after it is in the future."""
    parts: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    heights: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _joined: dict[str, pl.DataFrame] = field(default_factory=dict)

    def observe(self, sample: int, records: Records, table: TextTable) -> None:
        """Add records that would be delivered."""
        room = MOST - self.heights[records.contract]
        frame = records.frame.head(max(room, 0)).drop(_UNLOOKED, strict=False)
        if not frame.height:
            return
        lines = table.lines.gather(frame.get_column(ROW)).cast(pl.UInt32)
        places = (pl.lit(sample).alias(SAMPLE), pl.lit(table.member).alias(MEMBER), lines.alias(LINE))
        self.parts[records.contract].append(frame.drop(ROW).with_columns(places))
        self.heights[records.contract] += frame.height

    def list_contracts(self, *families: str) -> list[str]:
        """Return the contracts of these families that the samples hold; of all families without any."""
        return [one for one in self.parts if not families or contracts.get(one).about.family in families]

    def get_frame(self, contract: str, *needed: str) -> pl.DataFrame:
        """Return the records of a contract that fill all of `needed`; every field is a column, if only of nulls."""
        if contract not in self._joined:
            joined = pl.concat(self.parts[contract], how="diagonal_relaxed")
            missing = {
                name: dtype
                for name, dtype in field_types.list_columns(contracts.get(contract)).items()
                if name not in joined.columns
            }
            self._joined[contract] = joined.with_columns(
                pl.lit(None, dtype).alias(name) for name, dtype in missing.items()
            )
        return self._joined[contract].drop_nulls(list(needed)) if needed else self._joined[contract]


def read_local(name: str) -> pl.Expr:
    """Read a canonical moment as the clock on the wall showed it."""
    return pl.col(name).str.slice(0, 19).str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False)


def read_moment(name: str) -> pl.Expr:
    """Read a canonical moment in universal time."""
    return pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%z", strict=False)


def read_day(name: str) -> pl.Expr:
    """Read the day of a canonical day or moment; null for a partial date."""
    return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def measure_seconds(start: str, end: str) -> pl.Expr:
    """Return the seconds from one moment to another."""
    return (read_moment(end) - read_moment(start)).dt.total_seconds()
