"""Rows that wait on disk, sealed, spread over buckets by a key, so that two sides are joined a bucket at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.switching.sealed_pieces import SealedFrames

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.switching.sealed_pieces import PiecePlace

BUCKET_ROWS = 40_000
"""About how many rows of a side are in memory at once."""
_SEED = 7


@dataclass(slots=True)
class BucketedRows:
    """Rows of one side in buckets. Rows without the key are in one bucket more: nothing can match them."""

    folder: Path
    on: str
    buckets: int
    parts: dict[int, list[PiecePlace]] = field(default_factory=dict)
    count: int = 0
    frames: SealedFrames = field(init=False)

    def __post_init__(self) -> None:
        self.frames = SealedFrames(self.folder)

    @classmethod
    def create(cls, folder: Path, on: str, rows: int) -> BucketedRows:
        """Make an empty folder of as many buckets as keep each of them small enough for memory."""
        folder.mkdir(parents=True, mode=0o700)
        return cls(folder, on, 1 + rows // BUCKET_ROWS)

    def add(self, frame: pl.DataFrame) -> None:
        """Spread rows over the buckets."""
        if not frame.height:
            return
        self.count += frame.height
        # polars may hash otherwise in its next version: buckets live no longer than a run.
        bucket = pl.when(pl.col(self.on).is_not_null()).then(pl.col(self.on).hash(_SEED) % self.buckets)
        numbered = frame.with_columns(bucket.fill_null(self.buckets).cast(pl.Int64).alias("_bucket"))
        for (number,), rows in numbered.partition_by("_bucket", as_dict=True, include_key=False).items():
            self.parts.setdefault(int(number), []).append(self.frames.append(rows))

    def read_bucket(self, number: int) -> pl.DataFrame | None:
        """Return the rows of a bucket, in the order in which they were added; None when there are none."""
        parts = self.parts.get(number)
        return pl.concat([self.frames.read(place) for place in parts]) if parts else None

    def iter_buckets(self) -> Iterator[pl.DataFrame]:
        """Yield all rows, bucket by bucket."""
        for number in sorted(self.parts):
            yield pl.concat([self.frames.read(place) for place in self.parts[number]])

    def delete_files(self) -> None:
        """Delete the files of every bucket."""
        self.frames.close()
        self.parts.clear()
