"""The one loop from the bytes of a parcel to its prepared batches: decode, watch the columns, translate, check."""

from __future__ import annotations

from functools import partial
from typing import IO, TYPE_CHECKING, Protocol

from passerelle.documents.workbook_reader import open_rows
from passerelle.engine.path.collecting import Blocks
from passerelle.engine.path.pipeline import prepare_batch, translate_batch
from passerelle.engine.path.table_shaping import TableShaping, tell_needed
from passerelle.engine.stopwatch import time_each, time_stage
from passerelle.engine.watches.unread_watch import UnreadWatch
from passerelle.stages.decode.decoding import decode
from passerelle.stores.parcels import REPLAY

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from passerelle.engine.path.flow_policy import FlowPolicy
    from passerelle.engine.path.pipeline import PreparedBatch
    from passerelle.stages.decode.dialects import Dialect
    from passerelle.stages.translate.translation import Translation
    from passerelle.vocabulary.parcels import DecodedBatch


class BatchWatch(Protocol):
    """Watches the columns of the batches of a parcel, in their order."""

    def observe(self, decoded: DecodedBatch) -> DecodedBatch:
        """Return the batch with warnings added. Raises ParcelError when the parcel cannot go on."""
        ...


class TranslationSpool(Protocol):
    """Translated batches of one parcel, kept by the first of several flows that share it for those behind it."""

    @property
    def is_complete(self) -> bool:
        """Whether every batch of the parcel can be read here."""
        ...

    def start(self) -> None:
        """Begin to fill the spool; what it held is dropped."""
        ...

    def write(self, decoded: DecodedBatch, translation: Translation) -> None:
        """Append one batch."""
        ...

    def finish(self) -> None:
        """Mark the spool as complete."""
        ...

    def read(self, skip: Container[int]) -> Iterator[tuple[DecodedBatch, Translation]]:
        """Yield the batches, but for the numbers in `skip`."""
        ...


def decode_batches(
    stream: IO[bytes], dialect: Dialect, *, blocks: Blocks | None = None, kind: str = "", skip: Container[int] = ()
) -> Iterator[DecodedBatch]:
    """Read a parcel of any kind batch by batch, but for the numbers in `skip`. Raises ParcelError as `decode` does."""
    blocks = blocks or Blocks()
    if kind == REPLAY:
        from passerelle.stages.decode.replay import decode_replay  # noqa: PLC0415  most nights replay nothing

        return decode_replay(stream, block_rows=blocks.rows, skip=skip)
    return decode(stream, dialect, block_bytes=blocks.bytes, block_rows=blocks.rows, open_workbook=open_rows, skip=skip)


def prepare_batches(  # noqa: PLR0913  three arguments, and options that few callers need
    stream: IO[bytes],
    dialect: Dialect,
    policy: FlowPolicy,
    *,
    blocks: Blocks | None = None,
    kind: str = "",
    skip: Container[int] = (),
    drift: BatchWatch | None = None,
    members: Container[str] | None = None,
    spool: TranslationSpool | None = None,
) -> Iterator[PreparedBatch]:
    """Yield the prepared batches of a parcel. Nothing here depends on deliveries, so it may run ahead of them.

    `drift` compares the columns with those of the plan; batches of other members than `members` are left out. A
    complete `spool` is read instead of the parcel; another is filled. Raises ParcelError when it cannot be read.
    """
    observe = drift.observe if drift else UnreadWatch(policy.plan).drop_declared

    def prepare(decoded: DecodedBatch) -> PreparedBatch:
        return prepare_batch(observe(decoded), policy)

    def prepare_spooled(spooled: tuple[DecodedBatch, Translation]) -> PreparedBatch:
        return prepare_batch(observe(spooled[0]), policy, spooled[1])

    if spool is not None and spool.is_complete:
        return map(prepare_spooled, time_each("decode", spool.read(skip)))
    shape = partial(decode_shaped, stream, dialect, policy, blocks=blocks, kind=kind)
    if spool is not None:
        all_batches = shape(skip=())
        return _fill_spool(all_batches, policy, skip, observe, spool)
    batches = time_each("decode", shape(skip=skip))
    if members is not None:
        batches = filter(lambda decoded: decoded.table.member in members, batches)
    # `map`, not a generator: a generator holds its batch while it is suspended, and batches are large
    return map(prepare, batches)


def decode_shaped(
    stream: IO[bytes],
    dialect: Dialect,
    policy: FlowPolicy,
    *,
    blocks: Blocks | None = None,
    kind: str = "",
    skip: Container[int] = (),
) -> Iterator[DecodedBatch]:
    """Yield the batches of a parcel under the names that the plan knows, without totals and notes among their rows."""
    told = tell_needed(dialect, policy.plan)
    shaping = TableShaping(policy.plan, dialect, skip, name=policy.name)
    return map(shaping.arrange, decode_batches(stream, told, blocks=blocks, kind=kind, skip=skip))


def _fill_spool(
    batches: Iterator[DecodedBatch],
    policy: FlowPolicy,
    skip: Container[int],
    observe: Callable[[DecodedBatch], DecodedBatch],
    spool: TranslationSpool,
) -> Iterator[PreparedBatch]:
    """Yield the prepared batches, and spool all of them, those in `skip` too: other flows may still need these."""
    spool.start()
    for decoded in time_each("decode", batches):
        is_wanted = decoded.number not in skip
        # before translation: a missing column that is needed must park the parcel, not reject its rows one by one
        observed = observe(decoded) if is_wanted else decoded
        translation = translate_batch(decoded, policy)
        with time_stage("decode"):
            spool.write(decoded, translation)
        if is_wanted:
            yield prepare_batch(observed, policy, translation)
        del decoded, observed, translation  # before the next batch is made
    spool.finish()
