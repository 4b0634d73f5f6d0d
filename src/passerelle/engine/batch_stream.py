"""The one loop from the bytes of a parcel to its prepared batches: decode, watch the columns, translate, judge."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from passerelle.engine.collecting import Blocks
from passerelle.engine.pipeline import prepare_batch
from passerelle.engine.stopwatch import timed_each
from passerelle.stages.decode.decoding import decode
from passerelle.stores.parcels import REPLAY

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from passerelle.engine.drifting import DriftWatch
    from passerelle.engine.pipeline import FlowPolicy, PreparedBatch
    from passerelle.stages.decode.dialects import Dialect
    from passerelle.vocabulary.parcels import Decoded


def decode_batches(
    stream: IO[bytes], dialect: Dialect, *, blocks: Blocks | None = None, kind: str = "", skip: Container[int] = ()
) -> Iterator[Decoded]:
    """Read a parcel of any kind batch by batch, but for the numbers in `skip`. Raises ParcelError as `decode` does."""
    blocks = blocks or Blocks()
    if kind == REPLAY:
        from passerelle.stages.decode.replay import decode_replay  # noqa: PLC0415  most nights replay nothing

        return decode_replay(stream, block_rows=blocks.rows, skip=skip)
    return decode(stream, dialect, block_bytes=blocks.bytes, block_rows=blocks.rows, skip=skip)


def prepare_batches(  # noqa: PLR0913  three things, and options that few callers need
    stream: IO[bytes],
    dialect: Dialect,
    policy: FlowPolicy,
    *,
    blocks: Blocks | None = None,
    kind: str = "",
    skip: Container[int] = (),
    drift: DriftWatch | None = None,
    members: Container[str] | None = None,
) -> Iterator[PreparedBatch]:
    """Yield the batches of a parcel, ready to be delivered. Pure work, which may be done before it is asked for.

    `drift` compares the columns with those of the plan; batches of other members than `members` are left out. Raises
    ParcelError when the parcel cannot be read.
    """
    batches = timed_each("decode", decode_batches(stream, dialect, blocks=blocks, kind=kind, skip=skip))
    if members is not None:
        batches = filter(lambda decoded: decoded.table.member in members, batches)

    def prepare(decoded: Decoded) -> PreparedBatch:
        return prepare_batch(drift.observe(decoded) if drift else decoded, policy)

    return map(prepare, batches)  # not a generator, which would hold a batch while it waits: they are large
