"""What the destination already has: unchanged and duplicate records are counted, not sent again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.vocabulary.parcels import ROW, Ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stores.journal import Journal
    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.parcels import BatchKey, Parcel, Records, TextTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of earlier deliveries of one flow, and who signs the records."""

    flow: str
    journal: Journal
    seal: Seal
    supplier: str
    connector: str
    connector_version: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is left to deliver, and how many records need not be. The lists run parallel to `ready`."""

    ready: Ready
    ref_keys: tuple[bytes, ...]
    contents: tuple[bytes, ...]
    unchanged: int
    duplicate: int


class _State(NamedTuple):
    content: bytes
    version: int
    parcel: str


def compare(records: Records, table: TextTable, batch: BatchKey, parcel: Parcel, memory: Memory) -> Comparison:
    """Sort out what is new or changed. The version of a record grows by one with each content delivered."""
    contract = contracts.get(records.contract)
    bodies = canonical.encode(records.frame, contract).to_list()
    ref_keys = memory.seal.pseudonyms("ref", records.frame.get_column("ref").to_list())
    contents = memory.seal.pseudonyms("content", bodies)
    taken, versions, unchanged, duplicate = _sort_out(ref_keys, contents, records.contract, parcel, memory)
    frame = _with_source(records.frame[taken], table, parcel, memory)
    ready = Ready(
        flow=memory.flow,
        contract=records.contract,
        batch=batch,
        frame=frame,
        bodies=_signed([bodies[i] for i in taken], frame),
        keys=_keys(memory, records.contract, [(ref_keys[i], contents[i]) for i in taken], versions),
        versions=tuple(versions),
    )
    return Comparison(ready, tuple(ref_keys[i] for i in taken), tuple(contents[i] for i in taken), unchanged, duplicate)


def _sort_out(
    ref_keys: Sequence[bytes], contents: Sequence[bytes], contract: str, parcel: Parcel, memory: Memory
) -> tuple[list[int], list[int], int, int]:
    known = memory.journal.known(memory.flow, contract, list(dict.fromkeys(ref_keys)))
    states = {key: _State(entry.content, entry.version, entry.parcel) for key, entry in known.items()}
    taken: list[int] = []
    versions: list[int] = []
    unchanged = duplicate = 0
    for index, (key, content) in enumerate(zip(ref_keys, contents, strict=True)):
        before = states.get(key)
        if before is None or before.content != content:
            version = before.version + 1 if before else 1
            states[key] = _State(content, version, parcel.digest)
            taken.append(index)
            versions.append(version)
        elif before.parcel == parcel.digest:
            duplicate += 1
        else:
            unchanged += 1
    return taken, versions, unchanged, duplicate


def _with_source(frame: pl.DataFrame, table: TextTable, parcel: Parcel, memory: Memory) -> pl.DataFrame:
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


def _signed(bodies: Sequence[str], frame: pl.DataFrame) -> tuple[bytes, ...]:
    """Add provenance to bodies whose digest is already taken: the same content from another file is unchanged."""
    if not bodies:
        return ()
    rows = frame.get_column("source").struct.field("row").to_list()
    source = frame.get_column("source")[0]
    head = json.dumps({**source, "row": 0}, separators=(",", ":"))
    before, after = head.split('"row":0', 1)
    return tuple(
        f'{body[:-1]},"source":{before}"row":{row}{after}}}'.encode() for body, row in zip(bodies, rows, strict=True)
    )


def _keys(
    memory: Memory, contract: str, pairs: Sequence[tuple[bytes, bytes]], versions: Sequence[int]
) -> tuple[str, ...]:
    texts = [
        f"{memory.flow}|{contract}|{ref.hex()}|{version}|{content.hex()}"
        for (ref, content), version in zip(pairs, versions, strict=True)
    ]
    return tuple(key.hex() for key in memory.seal.pseudonyms("key", texts))
