"""Which record of one side is which of the other: by one key after the other, a bucket at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.switching.compare.piles import Pile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NTH = "_nth"


@dataclass(slots=True)
class Matching:
    """Both sides' records of one contract that are not matched yet."""

    folder: Path
    origin: Pile
    target: Pile
    passes: int = 0
    matched: dict[str, int] = field(default_factory=dict)
    """Pairs, by what matched them."""

    def by(self, key: str) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Match by a column; each pair of frames runs parallel. What is left is ready for the next key.

        Of several records with the same key the first of a side goes with the first of the other, and so on.
        """
        origin, target = self._spread(self.origin, key), self._spread(self.target, key)
        self.passes += 1
        self.origin = self._left("origin", key, origin.count)
        self.target = self._left("target", key, target.count)
        found = 0
        for number in range(origin.buckets + 1):
            left, right = origin.bucket(number), target.bucket(number)
            if left is None or right is None or number == origin.buckets:
                self._keep(left, right)
                continue
            pairs = _joined(left, right, key)
            found += pairs.height
            self._keep(
                _without(left, pairs.get_column("_origin")),
                _without(right, pairs.get_column("_target")),
            )
            if pairs.height:
                yield left[pairs.get_column("_origin")], right[pairs.get_column("_target")]
        self.matched[key] = self.matched.get(key, 0) + found
        origin.drop()
        target.drop()

    def _spread(self, pile: Pile, key: str) -> Pile:
        """Spread rows by another key; both sides into as many buckets."""
        buckets = max(self.origin.buckets, self.target.buckets)
        if pile.on == key and pile.buckets == buckets:
            return pile
        spread = Pile(self._folder(f"{pile.folder.name}-{key}"), key, buckets)
        for rows in pile.whole():
            spread.add(rows)
        pile.drop()
        return spread

    def _left(self, side: str, key: str, rows: int) -> Pile:
        return Pile.for_rows(self.folder / f"{side}-{self.passes}", key, rows)

    def _folder(self, name: str) -> Path:
        folder = self.folder / f"{name}-{self.passes}"
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def _keep(self, left: pl.DataFrame | None, right: pl.DataFrame | None) -> None:
        if left is not None:
            self.origin.add(left)
        if right is not None:
            self.target.add(right)


def _joined(left: pl.DataFrame, right: pl.DataFrame, key: str) -> pl.DataFrame:
    """Give the row numbers of pairs, in the order of the first side."""
    nth = pl.int_range(pl.len()).over(key).alias(_NTH)
    first = left.select(pl.col(key), nth).with_row_index("_origin")
    second = right.select(pl.col(key), nth).with_row_index("_target")
    return first.join(second, on=[key, _NTH], how="inner").sort("_origin")


def _without(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    return frame.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(rows.implode()))
