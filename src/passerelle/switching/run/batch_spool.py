"""Keeps the translated batches of a move's parcels, so that its flows decode and translate each parcel once.

Crash-safe because nothing of it outlives the process: the file has no name on POSIX, and its key is in memory alone.
What a killed move left undone is decoded again.
"""

from __future__ import annotations

import io
import pickle
import tempfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.translation import Translation
from passerelle.switching.sealed_pieces import SealedPieces, write_frame

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from pathlib import Path

    from passerelle.switching.sealed_pieces import PiecePlace
    from passerelle.vocabulary.parcels import DecodedBatch, Parcel

_ROWS = ""
"""Name of the piece that holds the rows as text, and what is set aside or warned of."""


class _FramePickler(pickle.Pickler):
    """Pickles frames as Arrow IPC: a fourth of the time that their own pickling takes, and much smaller."""

    def reducer_override(self, thing: Any) -> Any:
        """Reduce frames our way, leave everything else to pickle."""
        if isinstance(thing, pl.Series):
            return _read_series, (write_frame(thing.to_frame()),)
        return (_read_frame, (write_frame(thing),)) if isinstance(thing, pl.DataFrame) else NotImplemented


def _read_frame(content: bytes) -> pl.DataFrame:
    return pl.read_ipc(content)


def _read_series(content: bytes) -> pl.Series:
    return pl.read_ipc(content).to_series()


def _pickle_piece(piece: object) -> bytes:
    target = io.BytesIO()
    _FramePickler(target, 5).dump(piece)
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class _SpooledBatch:
    """Where one batch is. Memory: some kilobytes."""

    bare: DecodedBatch
    """The batch without its rows: all that a flow needs of one that holds nothing for it."""
    is_plain: bool
    """Whether nothing is set aside or warned of, which other flows must see."""
    pieces: Mapping[str, PiecePlace]


@dataclass(slots=True)
class SpooledParcel:
    """The batches of one parcel, cut one way: its rows, and a piece for each contract that is still to go."""

    folder: Path
    pieces: SealedPieces | None = None
    batches: list[_SpooledBatch] = field(default_factory=list)
    is_complete: bool = False

    def start(self) -> None:
        """Begin a new file, whatever an earlier flow left unfinished."""
        self.close()
        self.pieces = SealedPieces(tempfile.TemporaryFile(dir=self.folder, prefix="switch-"))  # noqa: SIM115  see close

    def write(self, decoded: DecodedBatch, translation: Translation, contracts: Container[str]) -> None:
        """Keep one batch for the flows of these contracts. Where the disk is full, stop: they decode it again."""
        if self.pieces is None:
            return
        rest = replace(translation, records=())
        is_plain = not (decoded.aside or decoded.warned or rest.aside or rest.warned or rest.deleted)
        by_contract: dict[str, list[object]] = {}
        for records in translation.records:
            if records.contract in contracts:
                by_contract.setdefault(records.contract, []).append(records)
        if by_contract or not is_plain:
            by_contract[_ROWS] = [decoded, rest]
        try:
            places = {name: self.pieces.append(_pickle_piece(piece)) for name, piece in by_contract.items()}
        except OSError:
            self.close()
            return
        table = replace(decoded.table, frame=decoded.table.frame.clear(), lines=decoded.table.lines.clear())
        bare = replace(decoded, table=table, aside=(), warned=(), items=())
        self.batches.append(_SpooledBatch(bare, is_plain, places))

    def read(self, contracts: Sequence[str], skip: Container[int]) -> Iterator[tuple[DecodedBatch, Translation]]:
        """Yield the batches of a complete parcel, but for the numbers in `skip`, with the records of some contracts."""
        for batch in self.batches:
            if batch.bare.number in skip:
                continue
            places = [batch.pieces[contract] for contract in contracts if contract in batch.pieces]
            if not places and batch.is_plain:
                yield batch.bare, Translation(())  # nothing here is for this flow: it only settles an empty batch
                continue
            decoded, rest = self._unseal_piece(batch.pieces[_ROWS])
            piles = [pile for place in places for pile in self._unseal_piece(place)]
            yield decoded, replace(rest, records=tuple(piles))

    def _unseal_piece(self, place: PiecePlace) -> Any:
        if self.pieces is None:
            message = "a spool that was closed is read"
            raise ValueError(message)
        return pickle.loads(self.pieces.read(place))  # noqa: S301  only this process can have sealed it

    def close(self) -> None:
        """Delete the file and forget its batches."""
        if self.pieces is not None:
            self.pieces.stream.close()
        self.pieces, self.is_complete = None, False
        self.batches.clear()


@dataclass(frozen=True, slots=True)
class SpoolReader:
    """What one flow does with a spooled parcel: the first to come fills it, those behind it read."""

    parcel: SpooledParcel
    contracts: tuple[str, ...]
    later: frozenset[str]
    """Contracts of the flows that read the same parcel after this one."""

    @property
    def is_complete(self) -> bool:
        """Whether every batch is here, so that nothing need be decoded."""
        return self.parcel.is_complete

    def start(self) -> None:
        """Begin to fill the spool."""
        self.parcel.start()

    def write(self, decoded: DecodedBatch, translation: Translation) -> None:
        """Keep one batch for the flows that follow."""
        self.parcel.write(decoded, translation, self.later)

    def finish(self) -> None:
        """Note that every batch of the parcel was written."""
        self.parcel.is_complete = self.parcel.pieces is not None

    def read(self, skip: Container[int]) -> Iterator[tuple[DecodedBatch, Translation]]:
        """Yield the batches, but for the numbers in `skip`."""
        return self.parcel.read(self.contracts, skip)


@dataclass(slots=True)
class BatchSpool:
    """The spooled parcels of one run of a move."""

    folder: Path
    """Where sealed state is kept: the temporary files are on the same disk."""
    orders: dict[int, list[tuple[str, ...]]]
    """By export: the contracts of each of its flows, in the order in which they run."""
    _parcels: dict[tuple[int, str, int, int], SpooledParcel] = field(default_factory=dict)

    def open(self, export: int, contracts: tuple[str, ...], parcel: Parcel) -> SpoolReader | None:
        """Return the reader through which a flow shares a parcel.

        None where it does not share it: no flow comes after it, and nothing was kept for it.
        """
        key = (export, parcel.key, parcel.block_bytes, parcel.block_rows)
        order = self.orders[export]
        later = frozenset(name for names in order[order.index(contracts) + 1 :] for name in names)
        if not later and key not in self._parcels:
            return None
        reader = SpoolReader(self._parcels.setdefault(key, SpooledParcel(self.folder)), contracts, later)
        return reader if later or reader.is_complete else None

    def release(self, export: int, contracts: tuple[str, ...]) -> None:
        """Delete an export's spooled parcels when its last flow has run."""
        if self.orders[export][-1] != contracts:
            return
        for key in [key for key in self._parcels if key[0] == export]:
            self._parcels.pop(key).close()

    def close(self) -> None:
        """Delete every spooled parcel."""
        for parcel in self._parcels.values():
            parcel.close()
        self._parcels.clear()
