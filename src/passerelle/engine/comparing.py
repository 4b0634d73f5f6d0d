"""What the destination already has: unchanged and duplicate records are counted, not sent again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, overload

import numpy as np
import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.engine.stopwatch import time_stage
from passerelle.vocabulary.bodies import Bodies, concatenate_bytes
from passerelle.vocabulary.parcels import Delivery
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from passerelle.stores.journal import Journal
    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.parcels import BatchKey, Parcel, Records, TextTable

    Pseudonyms = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecords:
    """What is remembered of earlier deliveries of one flow, and who signs the records."""

    flow: str
    journal: Journal
    seal: Seal
    supplier: str
    connector: str
    connector_version: str

    def pseudonymise_refs(self, refs: pl.Series) -> Pseudonyms:
        """Give the keyed pseudonym of each reference: one row of bytes a reference."""
        sizes = refs.str.len_bytes().cast(pl.Int64).to_numpy()
        return self.seal.pseudonymise_rows("ref", concatenate_bytes(refs).tobytes(), sizes)

    def pseudonymise_contents(self, texts: Iterable[memoryview]) -> Pseudonyms:
        """Give the keyed pseudonym of each content: that of its SHA-256, for texts may be long."""
        digests = [sha256(text).digest() for text in texts]
        return self.seal.pseudonymise_rows("content", b"".join(digests), np.full(len(digests), sha256().digest_size))


@dataclass(frozen=True, slots=True)
class BatchComparison:
    """What is left to deliver, and how many records need not be. The pseudonyms run parallel to `ready`."""

    delivery: Delivery
    ref_keys: Pseudonyms
    contents: Pseudonyms
    unchanged: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What each record is: `versions` that new and changed ones get, 0 for those that need not go."""

    versions: NDArray[np.int64]
    same: NDArray[np.bool_]
    """The destination has it already."""
    here: NDArray[np.bool_]
    """And it came with this very parcel."""


def compare_records(
    records: Records, table: TextTable, batch: BatchKey, parcel: Parcel, known_records: KnownRecords
) -> BatchComparison:
    """Sort out what is new or changed. The version of a record grows by one with each content delivered.

    Provenance is no part of a content: the same from another file is unchanged.
    """
    frame = add_provenance(records.frame, table, parcel, known_records)
    with time_stage("encode"):
        tail = _provenance(frame)
        bodies = Bodies.from_lines(
            canonical.encode(records.frame, contracts.get(records.contract), valid=True, close=tail)
        )
    ref_keys = known_records.pseudonymise_refs(frame.get_column("ref"))
    contents = known_records.pseudonymise_contents(bodies.iter_without_tails(_sizes(tail, frame.height)))
    found = _sort_out(ref_keys, contents, records.contract, parcel, known_records)
    taken = np.flatnonzero(found.versions)
    if len(taken) < frame.height:
        frame, bodies, ref_keys, contents = frame[taken], bodies.select(taken), ref_keys[taken], contents[taken]
    versions = found.versions[taken].tolist()
    delivery = _Delivery(known_records, records.contract, ref_keys, contents, versions)
    ready = Delivery(
        flow=known_records.flow,
        contract=records.contract,
        batch=batch,
        frame=frame,
        bodies=bodies,
        keys=_Asked(len(versions), delivery.keys),
        versions=versions,
        remote_ids=_Asked(len(versions), delivery.remote_ids),
    )
    duplicate = int(found.here.sum())
    return BatchComparison(ready, ref_keys, contents, int(found.same.sum()) - duplicate, duplicate)


def _sort_out(
    ref_keys: Pseudonyms, contents: Pseudonyms, contract: str, parcel: Parcel, memory: KnownRecords
) -> _Sorted:
    """Compare with what is remembered, all at once; then refs that come several times here, each in turn."""
    known = memory.journal.recall(memory.flow, contract, ref_keys.tobytes())
    here = known.parcels == memory.journal.get_parcel_number(memory.flow, parcel.digest)
    same = (known.versions > 0) & (known.contents == contents).all(axis=1)
    found = _Sorted(np.where(same, 0, known.versions + 1), same, same & here)
    for group in _repeated(ref_keys):
        first = group[0]
        _in_turn(group, contents, found, _State(known.contents[first], int(known.versions[first]), bool(here[first])))
    return found


@dataclass(slots=True)
class _State:
    """What the destination has of one ref by now."""

    content: Pseudonyms
    version: int
    here: bool


def _in_turn(group: Sequence[int], contents: Pseudonyms, found: _Sorted, state: _State) -> None:
    for index in group:
        same = state.version > 0 and bool((state.content == contents[index]).all())
        if not same:
            state = _State(contents[index], state.version + 1, here=True)
        found.same[index], found.here[index] = same, same and state.here
        found.versions[index] = 0 if same else state.version


def _repeated(ref_keys: Pseudonyms) -> list[list[int]]:
    """Give the places of each ref that comes several times, in their order. Most often there is none."""
    head = ref_keys[:, :8].copy().view(np.uint64).ravel()
    in_order = np.sort(head)
    if (in_order[1:] != in_order[:-1]).all():
        return []
    _values, nth, counts = np.unique(head, return_inverse=True, return_counts=True)
    groups: dict[bytes, list[int]] = {}
    for index in np.flatnonzero(counts[nth] > 1).tolist():
        groups.setdefault(ref_keys[index].tobytes(), []).append(index)
    return [group for group in groups.values() if len(group) > 1]


def add_provenance(frame: pl.DataFrame, table: TextTable, parcel: Parcel, memory: KnownRecords) -> pl.DataFrame:
    """Add to each record where it comes from."""
    lines = table.lines.gather(frame.get_column(ROW)).cast(pl.Int64)
    source = pl.struct(
        pl.lit(memory.supplier).alias("supplier"),
        pl.lit(memory.connector).alias("connector"),
        pl.lit(memory.connector_version).alias("connector_version"),
        pl.lit(parcel.digest).alias("parcel"),
        lines.alias("row"),
        pl.lit(parcel.received_at.isoformat(timespec="seconds")).alias("received_at"),
    )
    return frame.with_columns(source.alias("source"))


def _provenance(frame: pl.DataFrame) -> canonical.Pieces:
    """Give the end of each line: where the record comes from, what closes it, a line feed."""
    if not frame.height:
        return ("}\n",)
    source = frame.get_column("source")
    head = json.dumps({**source[0], "row": 0}, separators=(",", ":"))
    before, after = head.split('"row":0', 1)
    rows = source.struct.field("row").cast(pl.String)
    return (f',"source":{before}"row":', pl.lit(rows), f"{after}}}\n")


def _sizes(pieces: canonical.Pieces, count: int) -> NDArray[np.int64]:
    """Give the bytes that these pieces take in each record, less the line feed."""
    sized = [pl.lit(len(piece.encode())) if isinstance(piece, str) else piece.str.len_bytes() for piece in pieces]
    total = pl.sum_horizontal(pl.repeat(-1, count, dtype=pl.Int64), *(size.cast(pl.Int64) for size in sized))
    return pl.select(total).to_series().to_numpy()


class _Asked(Sequence[str]):
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
        return self._made[index]

    @cached_property
    def _made(self) -> tuple[str, ...]:
        return self._make()


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What the records of a batch are to the destination."""

    memory: KnownRecords
    contract: str
    ref_keys: Pseudonyms
    contents: Pseudonyms
    versions: Sequence[int]

    def keys(self) -> tuple[str, ...]:
        """Give their idempotency keys."""
        opening = f"{self.memory.flow}|{self.contract}"
        texts = [
            f"{opening}|{ref.tobytes().hex()}|{version}|{content.tobytes().hex()}"
            for ref, content, version in zip(self.ref_keys, self.contents, self.versions, strict=True)
        ]
        return tuple(key.hex() for key in self.memory.seal.pseudonymise_each("key", texts))

    def remote_ids(self) -> tuple[str, ...]:
        """Give the ids that the destination gave them before."""
        refs = [ref.tobytes() for ref in self.ref_keys]
        known = self.memory.journal.find_known(self.memory.flow, self.contract, list(dict.fromkeys(refs)))
        return tuple(known[ref].remote_id if ref in known else "" for ref in refs)
