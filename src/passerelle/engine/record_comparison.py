"""Compares records with what the destination has: unchanged and duplicate ones are counted, not sent again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, overload

import numpy as np
import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.engine.change_finding import BatchStates, find_repeated
from passerelle.engine.stopwatch import time_stage
from passerelle.engine.unsaid_fields import to_series
from passerelle.stores.settlement import DeliveredRecords
from passerelle.vocabulary.bodies import Bodies, concatenate_bytes
from passerelle.vocabulary.parcels import Delivery
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from passerelle.engine.change_finding import RecordChanges
    from passerelle.engine.unsaid_fields import UnsaidFields
    from passerelle.engine.version_order import VersionOrder
    from passerelle.stores.journal import Journal
    from passerelle.stores.known import RecalledRecords
    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.outcomes import RowWarning
    from passerelle.vocabulary.parcels import BatchKey, Parcel, Records, TextTable

    Pseudonyms = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecords:
    """What the destination of one flow has by now, and who signs the records of that flow."""

    flow: str
    journal: Journal
    seal: Seal
    supplier: str
    connector: str
    connector_version: str
    order: VersionOrder | None = None
    """What says which of two states of a record is the newer, if anything does."""

    def read_moments(self, records: Records, table: TextTable, parcel: Parcel) -> NDArray[np.int64] | None:
        """Return when the state of each record was made; None when nothing orders states."""
        return self.order.read_moments(records.frame.get_column(ROW), table, parcel) if self.order else None

    def pseudonymise_refs(self, refs: pl.Series) -> Pseudonyms:
        """Return the keyed pseudonym of each reference: one row of 16 bytes a reference."""
        sizes = refs.str.len_bytes().cast(pl.Int64).to_numpy()
        return self.seal.pseudonymise_rows("ref", concatenate_bytes(refs).tobytes(), sizes)

    def pseudonymise_contents(self, texts: Iterable[memoryview]) -> Pseudonyms:
        """Return the keyed pseudonym of the SHA-256 of each content."""
        # a SHA-256 first, which the processor computes fast: AES-CMAC over long texts would be most of a comparison
        digests = [sha256(text).digest() for text in texts]
        return self.seal.pseudonymise_rows("content", b"".join(digests), np.full(len(digests), sha256().digest_size))


@dataclass(frozen=True, slots=True)
class BatchComparison:
    """The records to deliver, and how many need not be. The pseudonyms run parallel to `delivery`."""

    delivery: Delivery
    ref_keys: Pseudonyms
    contents: Pseudonyms
    unchanged: int
    duplicate: int
    older: int = 0
    """Records of an older state than the destination has."""
    outlived: int = 0
    """Records that were deleted at the destination since this parcel, or the row that it replays, was sent."""
    moments: NDArray[np.int64] | None = None
    """When each state to deliver was made; None when nothing orders them."""
    confirmed: DeliveredRecords | None = None
    """Unchanged records of which a later moment is known now: it has to be remembered."""
    warned: tuple[RowWarning, ...] = ()
    """Fields that stay at the destination as they are, without anybody having said that they should."""

    def count_changed(self) -> int:
        """Count the records that take the place of another state."""
        return sum(version > 1 for version in self.delivery.versions)


def compare_records(  # noqa: PLR0913  what is compared, with what, and two things that few parcels have
    records: Records,
    table: TextTable,
    batch: BatchKey,
    parcel: Parcel,
    known_records: KnownRecords,
    *,
    unsaid: UnsaidFields | None = None,
    is_replay: bool = False,
) -> BatchComparison:
    """Find what is new or changed. The version of a record grows by one with each content delivered.

    Provenance is no part of a content: the same from another file is unchanged. What a parcel says nothing of is:
    saying that a field is empty and not saying it are two contents.
    """
    ref_keys = known_records.pseudonymise_refs(records.frame.get_column("ref"))
    before = known_records.journal.recall(known_records.flow, records.contract, ref_keys.tobytes())
    if unsaid is not None:
        # what was deleted there has no fields that could stay as they are
        unsaid = unsaid.restrict(before.there)
        records = replace(records, frame=unsaid.drop_unsaid(records.frame))
    names = unsaid.list_names(records.frame.height) if unsaid is not None else ()
    frame = add_provenance(records.frame, table, parcel, known_records, names)
    bodies, tail_sizes = _encode_bodies(records, frame)
    contents = known_records.pseudonymise_contents(bodies.iter_without_tails(tail_sizes))
    if any(names):
        contents = _mark_contents(ref_keys, contents, names, before, known_records)
    states = BatchStates(
        ref_keys=ref_keys,
        contents=contents,
        moments=known_records.read_moments(records, table, parcel),
        before=before,
        parcel=known_records.journal.get_parcel_number(known_records.flow, parcel.key),
        redelivers=parcel.redelivers,
        is_replay=is_replay,
    )
    changes = states.find_changes()
    confirmed = _find_confirmed(changes, records.contract, states)
    moments, wanted = changes.moments, np.flatnonzero(changes.versions)
    if len(wanted) < frame.height:  # most first runs deliver everything: then nothing is copied
        frame, bodies, ref_keys, contents = frame[wanted], bodies.select(wanted), ref_keys[wanted], contents[wanted]
        moments = None if moments is None else moments[wanted]
        names = [names[place] for place in wanted.tolist()] if names else ()
        unsaid = unsaid.select(wanted) if unsaid is not None else None
    versions = changes.versions[wanted].tolist()
    identity = _DeliveryIdentity(known_records, records.contract, ref_keys, contents, versions)
    delivery = Delivery(
        flow=known_records.flow,
        contract=records.contract,
        batch=batch,
        frame=frame,
        bodies=bodies,
        keys=_LazyTexts(len(versions), identity.make_keys),
        versions=versions,
        remote_ids=_LazyTexts(len(versions), identity.find_remote_ids),
        unsaid=names if any(names) else (),
    )
    duplicate = int(changes.duplicate.sum())
    return BatchComparison(
        delivery,
        ref_keys,
        contents,
        unchanged=int(changes.same.sum()) - duplicate,
        duplicate=duplicate,
        older=int(changes.older.sum()),
        outlived=int(changes.outlived.sum()),
        moments=moments,
        confirmed=confirmed,
        warned=tuple(unsaid.iter_warnings(table.member)) if unsaid is not None else (),
    )


def _encode_bodies(records: Records, frame: pl.DataFrame) -> tuple[Bodies, NDArray[np.int64]]:
    """Return the bodies of records, and how many bytes of each are its provenance, which `frame` has as well."""
    with time_stage("encode"):
        tail = _encode_tail(frame)
        bodies = Bodies.from_lines(
            canonical.encode(records.frame, contracts.get(records.contract), valid=True, close=tail)
        )
    sized = [pl.lit(len(piece.encode())) if isinstance(piece, str) else piece.str.len_bytes() for piece in tail]
    # -1: a body is kept without its line feed, which is the last byte of the tail
    total = pl.sum_horizontal(pl.repeat(-1, frame.height, dtype=pl.Int64), *(size.cast(pl.Int64) for size in sized))
    return bodies, pl.select(total).to_series().to_numpy()


def _find_confirmed(changes: RecordChanges, contract: str, states: BatchStates) -> DeliveredRecords | None:
    """Return the records of which only a later moment is new; None when there are none."""
    at = np.flatnonzero(changes.confirmed)
    if changes.moments is None or not len(at):
        return None
    keys, contents = states.ref_keys[at].tobytes(), states.contents[at].tobytes()
    made, versions = encode_moments(changes.moments[at]), states.before.versions[at].tolist()
    return DeliveredRecords(contract, keys, contents, versions, moments=made)


def _mark_contents(
    ref_keys: Pseudonyms,
    contents: Pseudonyms,
    names: Sequence[tuple[str, ...]],
    before: RecalledRecords,
    known_records: KnownRecords,
) -> Pseudonyms:
    """Return contents in which what is unsaid counts, but for records whose said content the destination has.

    The destination then has nothing in the unsaid fields, or what was delivered of them before: either stays.
    """
    places = np.flatnonzero([bool(some) for some in names])
    texts = (contents[place].tobytes() + b"\0" + "\0".join(names[place]).encode() for place in places.tolist())
    marked = contents.copy()
    marked[places] = known_records.pseudonymise_contents(memoryview(text) for text in texts)
    is_there = before.there & (before.contents == contents).all(axis=1)
    for group in find_repeated(ref_keys):
        is_there[group] = False  # what came in between in this very batch decides, not what was there before it
    marked[is_there] = contents[is_there]
    return marked


def encode_moments(moments: NDArray[np.int64] | None) -> bytes:
    """Return moments as the journal keeps them; nothing when nothing orders states."""
    return b"" if moments is None else moments.astype("<i8").tobytes()


def add_provenance(
    frame: pl.DataFrame,
    table: TextTable,
    parcel: Parcel,
    known_records: KnownRecords,
    unsaid: Sequence[tuple[str, ...]] = (),
) -> pl.DataFrame:
    """Return the records with a column `source`: supplier, connector, parcel and row they come from, what is unsaid."""
    lines = table.lines.gather(frame.get_column(ROW)).cast(pl.Int64)
    source = pl.struct(
        pl.lit(known_records.supplier).alias("supplier"),
        pl.lit(known_records.connector).alias("connector"),
        pl.lit(known_records.connector_version).alias("connector_version"),
        pl.lit(parcel.digest).alias("parcel"),
        lines.alias("row"),
        pl.lit(parcel.received_at.isoformat(timespec="seconds")).alias("received_at"),
        *((to_series(unsaid),) if any(unsaid) else ()),
    )
    return frame.with_columns(source.alias("source"))


def _encode_tail(frame: pl.DataFrame) -> canonical.Pieces:
    """Return the end of each line: the provenance, what closes the record, a line feed."""
    if not frame.height:
        return ("}\n",)
    source = frame.get_column("source")
    # Only the row differs within a batch, and what is unsaid: the rest is encoded once, and cut around it.
    head = json.dumps({**source[0], "row": 0} | {"unsaid": None}, separators=(",", ":"))
    before, after = head.removesuffix(',"unsaid":null}').split('"row":0', 1)
    rows = source.struct.field("row").cast(pl.String)
    if "unsaid" not in source.struct.fields:
        return (f',"source":{before}"row":', pl.lit(rows), f"{after}}}}}\n")
    names = source.struct.field("unsaid").list.eval('"' + pl.element() + '"').list.join(",")
    unsaid = pl.lit(',"unsaid":[' + names + "]").fill_null("")
    return (f',"source":{before}"row":', pl.lit(rows), after, unsaid, "}}\n")


class _LazyTexts(Sequence[str]):
    """Texts of a batch, made when a destination asks for them: files need none."""

    def __init__(self, size: int, make: Callable[[], tuple[str, ...]]) -> None:
        self._size = size
        self._make = make

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self.texts[index]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return self._make()


@dataclass(frozen=True, slots=True)
class _DeliveryIdentity:
    """What makes the idempotency keys and the ids of the records of one delivery."""

    known_records: KnownRecords
    contract: str
    ref_keys: Pseudonyms
    contents: Pseudonyms
    versions: Sequence[int]

    def make_keys(self) -> tuple[str, ...]:
        """Return the idempotency keys. With the version in it: a record that changes and changes back is sent again."""
        opening = f"{self.known_records.flow}|{self.contract}"
        texts = [
            f"{opening}|{ref.tobytes().hex()}|{version}|{content.tobytes().hex()}"
            for ref, content, version in zip(self.ref_keys, self.contents, self.versions, strict=True)
        ]
        return tuple(key.hex() for key in self.known_records.seal.pseudonymise_each("key", texts))

    def find_remote_ids(self) -> tuple[str, ...]:
        """Return the ids that the destination assigned to the records before; empty where there is none."""
        refs = [ref.tobytes() for ref in self.ref_keys]
        flow, journal = self.known_records.flow, self.known_records.journal
        earlier = journal.find_known(flow, self.contract, list(dict.fromkeys(refs)))
        return tuple(earlier[ref].remote_id if ref in earlier else "" for ref in refs)
