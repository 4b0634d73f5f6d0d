"""Two records that are one and the same: what differs, field by field, and what was expected to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.switching.compare.rows import LOST, PLACES, WAS
from passerelle.switching.kinds import Kind
from passerelle.switching.naming import Tolerance, named
from passerelle.switching.values import BETWEEN, KEY, compared, references

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Differences:
    """What a pile of pairs differs in."""

    found: pl.DataFrame
    """A row for each pair and kind: `row`, `kind`, lists `fields`, `before`, `after`, both places, `key`."""
    links: pl.DataFrame
    """A row for each reference that leads elsewhere: `field`, `before`, `after`, both places, `key`."""
    expected: Mapping[tuple[str, Kind], int] = field(default_factory=dict)
    """Losses that were predicted and are there, by field and kind."""
    spared: int = 0
    """Values that were predicted to be lost and are there."""


def differences(
    origin: pl.DataFrame, target: pl.DataFrame, contract: str, tolerances: Mapping[tuple[str, str], Tolerance]
) -> Differences:
    """Compare pairs of rows that run parallel."""
    predicted = _predicted(origin)
    every = []
    expected: Counter[tuple[str, Kind]] = Counter()
    spared = 0
    for name in compared(contract):
        mine = predicted.filter(pl.col("field") == name)
        rows = origin.get_column(name).ne_missing(target.get_column(name)).arg_true()
        if not len(rows) and not mine.height:
            continue
        here = _field(origin, target, name, rows)
        as_was = here.join(mine.select("row", WAS), on="row").filter(pl.col("after").eq_missing(pl.col(WAS)))
        here = here.join(as_was.select("row"), on="row", how="anti", maintain_order="left")
        spared += as_was.height
        differing = pl.Series(rows, dtype=pl.UInt32)
        for kind, count in _counted(mine.filter(~pl.col("row").is_in(differing.implode()))):
            expected[name, kind] += count
        every.append(_named(here, contract, name, tolerances.get((contract, name))))
    return _sorted_out(pl.concat([_NONE, *every]), origin, target, contract, expected, spared)


_NONE = pl.DataFrame(
    schema={"row": pl.UInt32, "field": pl.String, "before": pl.String, "after": pl.String, "kind": pl.String}
)


def _predicted(origin: pl.DataFrame) -> pl.DataFrame:
    """List what was predicted to be lost: row, field, kind, what it was."""
    told = origin.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), LOST, WAS).drop_nulls(LOST)
    parts = pl.col(LOST).str.split_exact(BETWEEN, 1).struct
    return told.explode(LOST, WAS).select(
        "row", parts.field("field_0").alias("field"), parts.field("field_1").alias("kind"), WAS
    )


def _field(origin: pl.DataFrame, target: pl.DataFrame, name: str, rows: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        [
            rows.cast(pl.UInt32).alias("row"),
            origin.get_column(name).gather(rows).alias("before"),
            target.get_column(name).gather(rows).alias("after"),
        ]
    )


def _counted(predicted: pl.DataFrame) -> list[tuple[Kind, int]]:
    return [(Kind(kind), count) for kind, count in predicted.group_by("kind").len().iter_rows()]


def _named(here: pl.DataFrame, contract: str, name: str, tolerance: Tolerance | None) -> pl.DataFrame:
    """Name the differences of one field; leave out what is tolerated."""
    if tolerance is not None:
        pairs = here.select("before", "after").iter_rows()
        within = [None not in pair and tolerance.covers(*pair) for pair in pairs]
        here = here.filter(~pl.Series(within, dtype=pl.Boolean))
    kinds = named(contract, name, here.get_column("before").to_list(), here.get_column("after").to_list())
    return here.select(
        "row", pl.lit(name).alias("field"), "before", "after", pl.Series("kind", list(map(str, kinds)), pl.String)
    )


def _sorted_out(
    every: pl.DataFrame,
    origin: pl.DataFrame,
    target: pl.DataFrame,
    contract: str,
    expected: Mapping[tuple[str, Kind], int],
    spared: int,
) -> Differences:
    """Group what happened to one record in one way; references are looked at later, all together."""
    leads = pl.col("field").is_in(list(references(contract))) & (pl.col("kind") == str(Kind.REFERENCE))
    plain = every.filter(~leads).group_by("row", "kind", maintain_order=True)
    found = plain.agg(pl.col("field").alias("fields"), "before", "after").sort("row", "kind")
    return Differences(_placed(found, origin, target), _placed(every.filter(leads), origin, target), expected, spared)


def _placed(found: pl.DataFrame, origin: pl.DataFrame, target: pl.DataFrame) -> pl.DataFrame:
    rows = found.get_column("row")
    where = [
        *(origin.get_column(name).gather(rows).alias(f"origin{name}") for name in PLACES),
        *(target.get_column(name).gather(rows).alias(f"target{name}") for name in PLACES),
        origin.get_column(KEY).gather(rows).alias("key"),
    ]
    return found.hstack(where)
