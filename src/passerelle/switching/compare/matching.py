"""Matches the records of one side with those of the other, by one key after the other, a bucket at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.switching.compare.bucketed_rows import BucketedRows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NTH = "_nth"


@dataclass(slots=True)
class Matching:
    """The records of one contract that are not matched yet, on both sides."""

    folder: Path
    origin: BucketedRows
    target: BucketedRows
    passes: int = 0
    matched: dict[str, int] = field(default_factory=dict)
    """Pairs, by what matched them."""

    def match_by(self, key: str) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Match by a column and yield pairs of frames whose rows run parallel. The rest is ready for the next key.

        Of several records with the same key the first of a side goes with the first of the other, and so on.
        """
        origin, target = self._spread(self.origin, key), self._spread(self.target, key)
        self.passes += 1
        self.origin = BucketedRows.create(self.folder / f"origin-{self.passes}", key, origin.count)
        self.target = BucketedRows.create(self.folder / f"target-{self.passes}", key, target.count)
        count = 0
        for number in range(origin.buckets + 1):
            left, right = origin.read_bucket(number), target.read_bucket(number)
            # The last bucket holds rows without this key: they match nothing.
            if left is None or right is None or number == origin.buckets:
                self._keep(left, right)
                continue
            # The row numbers of pairs, in the order of the first side.
            nth = pl.int_range(pl.len()).over(key).alias(_NTH)
            first = left.select(pl.col(key), nth).with_row_index("_origin")
            second = right.select(pl.col(key), nth).with_row_index("_target")
            pairs = first.join(second, on=[key, _NTH], how="inner").sort("_origin")
            count += pairs.height
            self._keep(
                _drop_rows(left, pairs.get_column("_origin")),
                _drop_rows(right, pairs.get_column("_target")),
            )
            if pairs.height:
                yield left[pairs.get_column("_origin")], right[pairs.get_column("_target")]
        self.matched[key] = self.matched.get(key, 0) + count
        origin.delete_files()
        target.delete_files()

    def _spread(self, rows: BucketedRows, key: str) -> BucketedRows:
        """Spread rows by another key; both sides into as many buckets."""
        buckets = max(self.origin.buckets, self.target.buckets)
        if rows.on == key and rows.buckets == buckets:
            return rows
        folder = self.folder / f"{rows.folder.name}-{key}-{self.passes}"
        folder.mkdir(parents=True, mode=0o700)
        spread = BucketedRows(folder, key, buckets)
        for bucket in rows.iter_buckets():
            spread.add(bucket)
        rows.delete_files()
        return spread

    def _keep(self, left: pl.DataFrame | None, right: pl.DataFrame | None) -> None:
        if left is not None:
            self.origin.add(left)
        if right is not None:
            self.target.add(right)


def _drop_rows(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    return frame.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(rows.implode()))
