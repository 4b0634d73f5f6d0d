"""Compares matched records field by field: what differs, and which of it was expected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.switching.compare.rows import LOST, PLACES, WAS
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.difference_naming import Tolerance, name_differences
from passerelle.switching.record_texts import BETWEEN, KEY, list_compared, list_open_references, map_references

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class PairDifferences:
    """The differences of a bucket of pairs."""

    rows: pl.DataFrame
    """A row for each pair and kind: `row`, `kind`, lists `fields`, `before`, `after`, both places, `key`."""
    links: pl.DataFrame
    """A row for each reference that leads elsewhere: `field`, `before`, `after`, both places, `key`."""
    expected: Mapping[tuple[str, DifferenceKind], int] = field(default_factory=dict)
    """Losses that were predicted and are there, by field and kind."""
    spared: int = 0
    """Values that were predicted to be lost and are there."""


def compare_pairs(
    origin: pl.DataFrame, target: pl.DataFrame, contract: str, tolerances: Mapping[tuple[str, str], Tolerance]
) -> PairDifferences:
    """Compare two frames of which row n of one is matched with row n of the other."""
    # What was predicted to be lost: row, field, kind, the value before.
    lost = origin.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), LOST, WAS).drop_nulls(LOST)
    parts = pl.col(LOST).str.split_exact(BETWEEN, 1).struct
    predicted = lost.explode(LOST, WAS).select(
        "row", parts.field("field_0").alias("field"), parts.field("field_1").alias("kind"), WAS
    )
    every = []
    expected: Counter[tuple[str, DifferenceKind]] = Counter()
    spared = 0
    for name in list_compared(contract):
        losses = predicted.filter(pl.col("field") == name)
        rows = origin.get_column(name).ne_missing(target.get_column(name)).arg_true()
        if not len(rows) and not losses.height:
            continue
        values = [side.get_column(name).gather(rows) for side in (origin, target)]
        pairs = pl.DataFrame([rows.cast(pl.UInt32).alias("row"), values[0].alias("before"), values[1].alias("after")])
        # `before` is what was predicted: where the new side has the old value instead, nothing was lost.
        as_was = pairs.join(losses.select("row", WAS), on="row").filter(pl.col("after").eq_missing(pl.col(WAS)))
        pairs = pairs.join(as_was.select("row"), on="row", how="anti", maintain_order="left")
        spared += as_was.height
        differing = pl.Series(rows, dtype=pl.UInt32)
        as_predicted = losses.filter(~pl.col("row").is_in(differing.implode()))
        for kind, count in as_predicted.group_by("kind").len().iter_rows():
            expected[name, DifferenceKind(kind)] += count
        every.append(_name_differences(pairs, contract, name, tolerances.get((contract, name))))
    return _group_differences(pl.concat([_NONE, *every]), origin, target, contract, expected, spared)


_NONE = pl.DataFrame(
    schema={"row": pl.UInt32, "field": pl.String, "before": pl.String, "after": pl.String, "kind": pl.String}
)


def _name_differences(here: pl.DataFrame, contract: str, name: str, tolerance: Tolerance | None) -> pl.DataFrame:
    """Name the differences of one field; leave out what is tolerated."""
    if tolerance is not None:
        pairs = here.select("before", "after").iter_rows()
        within = [None not in pair and tolerance.is_within(*pair) for pair in pairs]
        here = here.filter(~pl.Series(within, dtype=pl.Boolean))
    kinds = name_differences(contract, name, here.get_column("before").to_list(), here.get_column("after").to_list())
    return here.select(
        "row", pl.lit(name).alias("field"), "before", "after", pl.Series("kind", list(map(str, kinds)), pl.String)
    )


def _group_differences(
    every: pl.DataFrame,
    origin: pl.DataFrame,
    target: pl.DataFrame,
    contract: str,
    expected: Mapping[tuple[str, DifferenceKind], int],
    spared: int,
) -> PairDifferences:
    """Group the differences of one kind in one record; references are judged later, all together."""
    refs = [*map_references(contract), *list_open_references(contract)]
    leads = pl.col("field").is_in(refs) & (pl.col("kind") == str(DifferenceKind.REFERENCE))
    plain = every.filter(~leads).group_by("row", "kind", maintain_order=True)
    found = plain.agg(pl.col("field").alias("fields"), "before", "after").sort("row", "kind")
    return PairDifferences(
        _add_places(found, origin, target), _add_places(every.filter(leads), origin, target), expected, spared
    )


def _add_places(found: pl.DataFrame, origin: pl.DataFrame, target: pl.DataFrame) -> pl.DataFrame:
    rows = found.get_column("row")
    where = [
        *(origin.get_column(name).gather(rows).alias(f"origin{name}") for name in PLACES),
        *(target.get_column(name).gather(rows).alias(f"target{name}") for name in PLACES),
        origin.get_column(KEY).gather(rows).alias("key"),
    ]
    return found.hstack(where)
