"""Where the records of a snapshot are: in Parquet files that somebody asked for, or sealed while a command runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl
from polars.io.plugins import register_io_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from passerelle.switching.sealed_pieces import PiecePlace, SealedFrames

PART_ROWS = 50_000
"""Rows that are kept in memory, and that make a part."""


class SnapshotStore(Protocol):
    """Holds the records of contracts, part by part."""

    def write_part(self, contract: str, frame: pl.DataFrame) -> None:
        """Append records of a contract."""
        ...

    def finish(self, contract: str) -> dict[str, Any]:
        """Write no more of a contract; return what the manifest says of its file."""
        ...

    def scan(self, contract: str) -> pl.LazyFrame:
        """Read the records of a contract lazily, in their order."""
        ...

    def iter_frames(self, contract: str, names: Sequence[str] | None, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the records in slices of at most so many rows, in order; only these columns, if any are named."""
        ...


@dataclass(slots=True)
class FolderStore:
    """A Parquet file a contract, in a folder of somebody's choice: in clear, for its owner only."""

    folder: Path
    parts: dict[str, list[Path]] = field(default_factory=dict)

    def write_part(self, contract: str, frame: pl.DataFrame) -> None:
        """Append records of a contract."""
        parts = self.parts.setdefault(contract, [])
        path = self.folder / f"{contract.replace('/', '-')}-{len(parts):06d}.part"
        frame.write_parquet(path)
        parts.append(path)

    def finish(self, contract: str) -> dict[str, Any]:
        """Merge the parts of a contract into its file."""
        target = self._find_file(contract)
        # Streamed: all parts together may not fit in memory.
        pl.scan_parquet(self.parts[contract]).sink_parquet(target, row_group_size=PART_ROWS, maintain_order=True)
        target.chmod(0o600)
        for part in self.parts.pop(contract):
            part.unlink()
        return {"file": target.name, "size": target.stat().st_size, "sha256": compute_sha256(target)}

    def scan(self, contract: str) -> pl.LazyFrame:
        """Read the records of a contract lazily."""
        return pl.scan_parquet(self._find_file(contract))

    def iter_frames(self, contract: str, names: Sequence[str] | None, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the records in slices."""
        frame = self.scan(contract)
        count = frame.select(pl.len()).collect().item()
        frame = frame if names is None else frame.select(names)
        for start in range(0, count, rows):
            yield frame.slice(start, rows).collect()

    def _find_file(self, contract: str) -> Path:
        return self.folder / f"{contract.replace('/', '-')}.parquet"


@dataclass(slots=True)
class SealedStore:
    """Sealed parts in a file without a name: nothing of them outlives the process."""

    frames: SealedFrames
    parts: dict[str, list[dict[str, PiecePlace]]] = field(default_factory=dict)
    """By contract, part by part: where each column is. Most readers want some columns, and open no other."""

    def write_part(self, contract: str, frame: pl.DataFrame) -> None:
        """Append records of a contract."""
        places = {name: self.frames.append(frame.select(name)) for name in frame.columns}
        self.parts.setdefault(contract, []).append(places)

    def finish(self, contract: str) -> dict[str, Any]:
        """Return nothing: there is no file that could be named."""
        del contract
        return {}

    def scan(self, contract: str) -> pl.LazyFrame:
        """Read the records of a contract lazily, only the columns that are asked for."""

        def read(
            names: list[str] | None, predicate: pl.Expr | None, limit: int | None, _rows: int | None
        ) -> Iterator[pl.DataFrame]:
            for frame in self.iter_frames(contract, names, PART_ROWS):
                some = frame if limit is None else frame.head(limit)
                limit = None if limit is None else limit - some.height
                yield some if predicate is None else some.filter(predicate)
                if limit == 0:
                    return

        first = self.parts[contract][0]
        schema = {name: self.frames.read(place).schema[name] for name, place in first.items()}
        return register_io_source(read, schema=schema, is_pure=True)

    def iter_frames(self, contract: str, names: Sequence[str] | None, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the records in slices."""
        for places in self.parts[contract]:
            wanted = list(places) if names is None else names
            columns = [self.frames.read(places[name]).to_series() for name in wanted]
            yield from pl.DataFrame(columns).iter_slices(rows)


def compute_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
