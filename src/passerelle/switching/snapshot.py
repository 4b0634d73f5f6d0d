"""A snapshot: what one side holds, in contract form, and a manifest that accounts for it.

While a command runs, its records are sealed and have no file that could be opened. A folder that somebody asked for
holds names and narratives in clear, a Parquet file a contract: it is made for its owner only, and is as good as the
exports.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.field_types import list_columns
from passerelle.switching.sealed_pieces import SealedFrames
from passerelle.switching.snapshot_store import FolderStore, SealedStore, compute_sha256
from passerelle.switching.snapshot_writer import CONNECTOR, FILE_NUMBER, LINE, MEMBER, SnapshotWriter
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from passerelle.switching.side import Side
    from passerelle.switching.snapshot_store import SnapshotStore

__all__ = ["MANIFEST", "PLACE", "Snapshot", "open_snapshot", "take_snapshot"]

MANIFEST = "manifest.json"
PLACE = (CONNECTOR, FILE_NUMBER, MEMBER, LINE)
"""Columns that say where a record stands: what read it, the file's number in the manifest, member, first line."""
_SLICE = 50_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A side as it was when it was read. Frames have the canonical columns (`extra` as JSON text), then `PLACE`."""

    folder: Path
    manifest: Mapping[str, Any]
    store: SnapshotStore

    @property
    def side(self) -> str:
        """The name of the side."""
        name: str = self.manifest["side"]
        return name

    @property
    def contracts(self) -> tuple[str, ...]:
        """The ids of the contracts that it holds records of, in the order of the catalogue."""
        return tuple(self.manifest["contracts"])

    @property
    def suppliers(self) -> frozenset[str]:
        """The ids of the suppliers whose files were read."""
        return frozenset(entry["supplier"] for entry in self.manifest["files"] if "supplier" in entry)

    def count(self, contract: str) -> int:
        """Count the records of a contract."""
        about = self.manifest["contracts"].get(contract)
        return int(about["count"]) if about else 0

    def scan(self, contract: str) -> pl.LazyFrame:
        """Read the records of a contract lazily, in the order of the exports; empty when there are none."""
        about = self.manifest["contracts"].get(contract)
        if about is None:
            return pl.LazyFrame(schema=get_schema(contract))
        return self.store.scan(contract)

    def iter_slices(self, contract: str, rows: int = _SLICE) -> Iterator[pl.DataFrame]:
        """Yield the records of a contract in slices of at most so many rows, in order."""
        return self.iter_columns(contract, None, rows)

    def iter_columns(self, contract: str, names: Sequence[str] | None, rows: int = _SLICE) -> Iterator[pl.DataFrame]:
        """Yield some columns of the records of a contract, or all of them, in slices of at most so many rows."""
        if contract in self.manifest["contracts"]:
            yield from self.store.iter_frames(contract, names, rows)

    def is_intact(self) -> bool:
        """Whether every file still has the digest of the manifest."""
        return all(
            (self.folder / about["file"]).is_file() and compute_sha256(self.folder / about["file"]) == about["sha256"]
            for about in self.manifest["contracts"].values()
        )


def get_schema(contract: str) -> dict[str, pl.DataType]:
    """Return the columns of a snapshot's file."""
    own = {name: kind for name, kind in list_columns(contracts.get(contract)).items() if name != "source"}
    return {
        **own,
        "extra": pl.String(),
        CONNECTOR: pl.String(),
        FILE_NUMBER: pl.UInt32(),
        MEMBER: pl.String(),
        LINE: pl.UInt32(),
    }


def take_snapshot(
    side: Side,
    folder: Path,
    *,
    is_sealed: bool = False,
    progress: Callable[[str, int, int, int], None] = lambda _reader, _rows, _bytes, _size: None,
) -> Snapshot:
    """Read all that a side holds into a folder: the same exports give the same bytes. Memory is bounded by a batch.

    `is_sealed`: the records are for this process alone, and the folder is where they take room. `progress` is told the
    reader, the rows and the bytes of the present file so far, and its size. Raises ParcelError for a file that is not
    what its connector reads, UsageError for one that cannot be opened.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # What an earlier snapshot left would be taken for records of this one.
    for old in (*folder.glob("*.parquet"), *folder.glob("*.part")):
        old.unlink()
    store: SnapshotStore = SealedStore(SealedFrames(folder)) if is_sealed else FolderStore(folder)
    taking = SnapshotWriter(store, get_schema=get_schema, arrange_columns=arrange_columns)
    for export in side.exports:
        for piece in export.iter_pieces():
            taking.add_piece(export, piece, progress)
    manifest = {"schema": "passerelle.snapshot/1", "side": side.name, **taking.finish()}
    if not is_sealed:  # the names of the supplier's files are in it
        write_whole(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
    return Snapshot(folder, manifest, store)


def open_snapshot(folder: Path) -> Snapshot:
    """Open a folder that `take` made. Raises UsageError when it is none, or is not what it was."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        snapshot = Snapshot(folder, manifest, FolderStore(folder))
        intact = manifest["schema"] == "passerelle.snapshot/1" and snapshot.is_intact()
    # TypeError: any JSON may stand there, a list or a number as well.
    except (OSError, ValueError, KeyError, TypeError):
        intact = False
    if not intact:
        raise UsageError("usage.snapshot.invalid", name=folder.name)
    return snapshot


def arrange_columns(frame: pl.DataFrame, contract: str) -> pl.DataFrame:
    """Return records in the columns of a snapshot, `extra` as canonical JSON; places are added by the caller."""
    if "extra" in frame.columns and not isinstance(frame.schema["extra"], pl.String):
        text = canonical.encode(frame.select("extra"), contracts.get(contract))
        inside = text.str.strip_prefix('{"extra":').str.strip_suffix("}")
        frame = frame.with_columns(pl.when(text != "{}").then(inside).alias("extra"))
    wanted = get_schema(contract)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in wanted.items()
    )
