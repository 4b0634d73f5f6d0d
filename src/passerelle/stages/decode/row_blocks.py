"""Rows of a document in the blocks that become batches: as they come, or held until it is known to be sound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import SEEK_END, BytesIO
from typing import IO, TYPE_CHECKING

import polars as pl

from passerelle.stages.decode.tables import BatchMaker, DecodedRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.stages.decode.numbering import Numbering
    from passerelle.vocabulary.parcels import DecodedBatch

    Row = tuple[str, Mapping[str, str | None]]
    """Its member and its cells."""
    Block = tuple[BatchMaker, int]
    """What makes its batch, and how many bytes of the document were read for it."""

ROOM = 32 << 20
"""Most bytes of a document's rows that are held, compressed."""
_MOST_ASIDE = 10_000
_MOST_CELLS = 50_000
_MOST_BYTES = 4 << 20
"""Cells of rows that wait to become tables, and bytes of the document that were read for them: a batch of wide or long
rows, as Python holds them, would take more memory than all the rest."""

_LOOK_EVERY = 4
"""Rows of a member after which it is asked how many bytes were read: a call of the system."""


def cut_blocks(rows: Iterable[Row], members: Iterable[str], block_rows: int, stream: IO[bytes]) -> Iterator[Block]:
    """Cut rows into blocks by member; one of which there is no row has an empty block."""
    makers = {member: BatchMaker(member) for member in members}
    counts = dict.fromkeys(makers, 0)
    cells_waiting, packed_at = 0, stream.tell()
    for member, cells in rows:
        counts[member] += 1
        maker = makers[member]
        maker.add(DecodedRecord(counts[member], cells))
        cells_waiting += len(cells)
        is_due = maker.count % _LOOK_EVERY == 0 and not 0 <= stream.tell() - packed_at < _MOST_BYTES
        if is_due or cells_waiting > _MOST_CELLS:
            for one in makers.values():
                one.pack()
            cells_waiting, packed_at = 0, stream.tell()
        if maker.count == block_rows:
            makers[member] = BatchMaker(member)
            yield maker, stream.tell()
            del maker  # else it would stay until the next row
    for member, maker in makers.items():
        if maker.count or not counts[member]:
            yield maker, stream.tell()


def iter_batches(blocks: Iterable[Block], numbering: Numbering) -> Iterator[DecodedBatch]:
    """Return the batches of blocks, without those that are not wanted."""
    for maker, place in blocks:
        number = numbering.take()
        if number is not None:
            yield replace(maker.make(number), consumed=place)


@dataclass(frozen=True, slots=True)
class _HeldBatch:
    """A batch whose table is compressed."""

    rest: DecodedBatch
    frame: bytes

    def restore(self, number: int) -> DecodedBatch:
        """Return the batch under its number."""
        frame = pl.read_ipc_stream(BytesIO(self.frame)) if self.frame else self.rest.table.frame
        return replace(self.rest, number=number, table=replace(self.rest.table, frame=frame))


def hold_blocks(blocks: Iterable[Block], stream: IO[bytes]) -> list[_HeldBatch] | None:
    """Go through all blocks and hold their batches; None where there is no room, with the blocks behind unread."""
    held: list[_HeldBatch] = []
    left, aside, size = ROOM, 0, _measure(stream)
    for maker, place in blocks:
        batch = replace(maker.make(0), consumed=place)
        packed = BytesIO()
        if batch.table.frame.width:
            batch.table.frame.write_ipc_stream(packed, compression="lz4")
        left -= packed.tell()
        aside += len(batch.aside)
        # Judged by what is held so far: to go through half a document for nothing would cost more than it saves.
        if left < 0 or aside > _MOST_ASIDE or (ROOM - left) * size > ROOM * max(place, 1):
            return None
        bare = replace(batch.table, frame=batch.table.frame.clear())
        held.append(_HeldBatch(replace(batch, table=bare), packed.getvalue()))
    return held


def restore_batches(held: Iterable[_HeldBatch], numbering: Numbering) -> Iterator[DecodedBatch]:
    """Return held batches, without those that are not wanted."""
    for one in held:
        number = numbering.take()
        if number is not None:
            yield one.restore(number)


def _measure(stream: IO[bytes]) -> int:
    place = stream.tell()
    size = stream.seek(0, SEEK_END)
    stream.seek(place)
    return size
