"""The records that destinations already have: keyed pseudonyms in sorted, immutable blocks, searched column-wise.

A settled batch adds one block to its scope (flow, contract): refs in order, with the content, version and parcel that
each had last. The newest block that holds a ref counts. Small blocks are merged as they accumulate, so that a scope has
few. One row per record would dirty pages all over the index, again with every batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import delete, func, insert, select, update

from passerelle.stores import schema
from passerelle.stores.block_reading import compute_digest, read_columns
from passerelle.stores.known_block import KnownBlock
from passerelle.stores.remote_ids import remember_remote_ids
from passerelle.stores.scopes import create_scope, find_scope_id
from passerelle.stores.seal import PSEUDONYM_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import DeliveredRecords

    Numbers = NDArray[np.int64]
    Halves = NDArray[np.uint64]

_KNOWN = schema.known.c
WITHDRAWN = bytes(PSEUDONYM_BYTES)
"""Stands for the content of a record that was deleted at the destination: no pseudonym of a content is all zeros, so
what comes back later is never «unchanged», and its versions go on."""
FORGOTTEN = b"\xff" * PSEUDONYM_BYTES
"""Stands for a content that is not known any more, of a record that the destination has: whatever comes next is new."""
_FULL = 1 << 16
"""Records of a block that is not merged any further."""


def remember(connection: Connection, seal: Seal, flow: str, records: Iterable[tuple[int, DeliveredRecords]]) -> None:
    """Store records delivered of parcels, by their numbers, in the caller's transaction; of one ref the last counts."""
    scopes: dict[str, list[tuple[int, DeliveredRecords]]] = {}
    for parcel_id, entry in records:
        scopes.setdefault(entry.contract, []).append((parcel_id, entry))
    for contract, entries in scopes.items():
        scope_id = create_scope(connection, flow, contract)
        for _parcel_id, entry in entries:
            remember_remote_ids(connection, seal, scope_id, entry)
        block = _build_block(entries)
        if len(block.head):
            _insert_block(connection, scope_id, block)


def erase_refs(connection: Connection, scope: tuple[str, str], keys: bytes) -> int:
    """Erase refs, given as their concatenated pseudonyms, as if they had never been delivered; return how many.

    Blocks keep their numbers: the order of blocks says which state of a ref is the last.
    """
    scope_id, gone = find_scope_id(connection, *scope), set[bytes]()
    wanted = _reshape_contents(keys)
    for block_id in connection.execute(select(_KNOWN.id).where(_KNOWN.scope_id == scope_id)).scalars().all():
        block = _read_block(connection, block_id)
        places = block.find_places(*_split_keys(keys)) if len(wanted) else np.zeros(0, np.int64)
        gone.update(row.tobytes() for row in wanted[places >= 0])
        _keep_places(connection, block_id, block, np.setdiff1d(np.arange(len(block.head)), places))
    return len(gone)


def erase_older(connection: Connection, scope: tuple[str, str], parcel_id: int) -> int:
    """Erase the refs that a parcel of this number or an earlier one brought; return how many.

    Only for scopes in which a ref is remembered once: of another, an older state would come back in its place.
    """
    scope_id, gone = find_scope_id(connection, *scope), 0
    for block_id in connection.execute(select(_KNOWN.id).where(_KNOWN.scope_id == scope_id)).scalars().all():
        block = _read_block(connection, block_id)
        kept = np.flatnonzero(block.parcels > parcel_id)
        gone += len(block.head) - len(kept)
        _keep_places(connection, block_id, block, kept)
    return gone


def _keep_places(connection: Connection, block_id: int, block: KnownBlock, kept: Numbers) -> None:
    """Write a block anew with the records at these places alone."""
    if not len(kept):
        connection.execute(delete(schema.known).where(_KNOWN.id == block_id))
    elif len(kept) < len(block.head):
        columns = _encode_block(block.select(kept))
        connection.execute(update(schema.known).where(_KNOWN.id == block_id).values(columns))


def count_older(connection: Connection, scopes: Sequence[tuple[str, str]], parcel_id: int) -> int:
    """Count the refs whose last state was brought by a parcel of this number or an earlier one."""
    return sum(_count_older(connection, scope, parcel_id) for scope in scopes)


def _count_older(connection: Connection, scope: tuple[str, str], parcel_id: int) -> int:
    blocks = select(_KNOWN.id).where(_KNOWN.scope_id == find_scope_id(connection, *scope)).order_by(_KNOWN.id)
    # Oldest first: of a ref in two blocks, the newer one counts.
    merged = None
    for block_id in connection.execute(blocks).scalars().all():
        block = _read_block(connection, block_id)
        merged = block if merged is None else block.merge_over(merged)
    return 0 if merged is None else int((merged.parcels <= parcel_id).sum())


def count_refs(connection: Connection, scope: tuple[str, str]) -> int:
    """Count the refs of a scope, whatever their versions. Memory: 16 bytes per ref."""
    # Lengths of blocks cannot be added up: a ref that was delivered twice may be in two of them.
    blocks = select(_KNOWN.ref_keys).where(_KNOWN.scope_id == find_scope_id(connection, *scope))
    halves = [_split_keys(keys) for keys in connection.execute(blocks).scalars()]
    if not halves:
        return 0
    pairs = np.column_stack([np.concatenate(parts) for parts in zip(*halves, strict=True)])
    return len(np.unique(pairs, axis=0))


def list_ref_keys(connection: Connection, scope: tuple[str, str]) -> bytes:
    """Return the concatenated pseudonyms of all refs of a scope; one that is in two blocks comes twice."""
    blocks = select(_KNOWN.ref_keys).where(_KNOWN.scope_id == find_scope_id(connection, *scope))
    return b"".join(connection.execute(blocks).scalars())


def _build_block(entries: Sequence[tuple[int, DeliveredRecords]]) -> KnownBlock:
    """Return records delivered of parcels, by their numbers, as one sorted block."""
    # Backwards, as `sort` keeps the first record of a ref and the later one counts.
    head, tail = _split_keys(b"".join(records.ref_keys for _parcel_id, records in entries))
    versions = [np.asarray(records.versions, dtype=np.int64) for _parcel_id, records in entries]
    numbers = np.array([parcel_id for parcel_id, _records in entries], dtype=np.int64)
    reversed_block = KnownBlock(
        head[::-1],
        tail[::-1],
        _reshape_contents(b"".join(records.contents for _parcel_id, records in entries))[::-1],
        np.concatenate(versions)[::-1],
        np.repeat(numbers, [len(some) for some in versions])[::-1],
        _read_moments(entries),
    )
    return reversed_block.sort()


def _read_moments(entries: Sequence[tuple[int, DeliveredRecords]]) -> Numbers | None:
    """Return when the states of delivered records were made, backwards; None when nothing orders them."""
    if not any(records.moments for _parcel_id, records in entries):
        return None
    parts = (
        np.frombuffer(records.moments, dtype="<i8") if records.moments else np.zeros(len(records.versions), np.int64)
        for _parcel_id, records in entries
    )
    return np.concatenate(tuple(parts)).astype(np.int64)[::-1]


def _insert_block(connection: Connection, scope_id: int, block: KnownBlock) -> None:
    """Insert a block, merged with the newest ones while those are no larger.

    As in a log-structured merge tree, each record is rewritten a logarithmic number of times.
    """
    size = func.length(_KNOWN.versions) / 8
    newest = select(_KNOWN.id, size).where(_KNOWN.scope_id == scope_id).order_by(_KNOWN.id.desc())
    for block_id, count in connection.execute(newest.limit(40)).all():
        if count > len(block.head) or count + len(block.head) > _FULL:
            break
        block = block.merge_over(_read_block(connection, block_id))
        connection.execute(delete(schema.known).where(_KNOWN.id == block_id))
    connection.execute(insert(schema.known), {"scope_id": scope_id, **_encode_block(block)})


def _encode_block(block: KnownBlock) -> dict[str, bytes | None]:
    columns = {
        "ref_keys": np.column_stack((block.head, block.tail)).astype(">u8").tobytes(),
        "contents": block.contents.tobytes(),
        "versions": block.versions.astype("<i8").tobytes(),
        "parcels": block.parcels.astype("<i8").tobytes(),
        "moments": None if block.moments is None else block.moments.astype("<i8").tobytes(),
    }
    return {**columns, "digest": compute_digest(columns)}


def verify_blocks(connection: Connection) -> int:
    """Verify every block that has a digest and return how many blocks there are. Memory: one block.

    Raises FatalError `incident.journal.corrupt`.
    """
    ids = connection.execute(select(_KNOWN.id)).scalars().all()
    for block_id in ids:
        _read_block(connection, block_id)
    return len(ids)


def _read_block(connection: Connection, block_id: int) -> KnownBlock:
    """Read a block, verified, to be merged or changed."""
    keys, contents, versions, parcels, moments = read_columns(connection, block_id, set())
    return KnownBlock(
        *_split_keys(keys),
        _reshape_contents(contents),
        np.frombuffer(versions, dtype="<i8").astype(np.int64),
        np.frombuffer(parcels, dtype="<i8").astype(np.int64),
        None if moments is None else np.frombuffer(moments, dtype="<i8").astype(np.int64),
    )


def _split_keys(keys: bytes) -> tuple[Halves, Halves]:
    # Big-endian, so that the order of the numbers is the order of the bytes.
    pairs = np.frombuffer(keys, dtype=">u8").reshape(-1, 2).astype(np.uint64)
    return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])


def _reshape_contents(contents: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(contents, dtype=np.uint8).reshape(-1, PSEUDONYM_BYTES)
