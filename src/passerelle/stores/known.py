"""The records that destinations already have: keyed pseudonyms in sorted, immutable piles, searched column-wise.

A settled batch adds one pile to its scope (flow, contract): refs in order, with the content, version and parcel that
each had last. The newest pile that holds a ref counts. Small piles are merged as they accumulate, so that a scope has
few. One row per record would dirty pages all over the index, again with every batch.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import delete, func, insert, select

from passerelle.stores import schema
from passerelle.stores.remote_ids import remember_remote_ids
from passerelle.stores.scopes import create_scope, find_scope_id
from passerelle.stores.seal import PSEUDONYM_BYTES
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import DeliveredRecords

    Numbers = NDArray[np.int64]
    Halves = NDArray[np.uint64]
    Beginnings = NDArray[np.uint32]

_KNOWN = schema.known.c
WITHDRAWN = bytes(PSEUDONYM_BYTES)
"""Stands for the content of a record that was deleted at the destination: no pseudonym of a content is all zeros, so
what comes back later is never «unchanged», and its versions go on."""
FORGOTTEN = b"\xff" * PSEUDONYM_BYTES
"""Stands for a content that is not known any more, of a record that the destination has: whatever comes next is new."""
_FULL = 1 << 16
"""Records of a pile that is not merged any further."""
_SIEVE_BITS = 25
"""Base-2 logarithm of the most bits of the sieve (4 MiB): with five million refs it rules out six of seven new ones."""


@dataclass(frozen=True, slots=True)
class _Pile:
    """Records of one scope, by ref: `head` and `tail` are the halves of the pseudonyms, as numbers."""

    head: Halves
    tail: Halves
    contents: NDArray[np.uint8]
    """Sixteen bytes per row."""
    versions: Numbers
    parcels: Numbers
    moments: Numbers | None = None
    """When each state was made, in microseconds since 1970, 0 where nothing said it; None: of none of them."""

    def sort(self) -> _Pile:
        """Return the pile in order of refs, with the first record of each ref only."""
        order = np.argsort(self.head)
        head = self.head[order]
        if (head[1:] != head[:-1]).all():
            # No two heads are equal: sorting by 64 bits was enough, at half the cost of sorting pairs.
            return self.select(order)
        order = np.lexsort((self.tail, self.head))
        head, tail = self.head[order], self.tail[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (head[1:] != head[:-1]) | (tail[1:] != tail[:-1])
        return self.select(order[first])

    def select(self, places: Numbers) -> _Pile:
        """Return the records at these places, in their order."""
        return _Pile(
            self.head[places],
            self.tail[places],
            self.contents[places],
            self.versions[places],
            self.parcels[places],
            None if self.moments is None else self.moments[places],
        )

    def merge_over(self, older: _Pile) -> _Pile:
        """Merge with an older pile; of a ref in both, this pile's record stays."""
        return _Pile(
            np.concatenate((self.head, older.head)),
            np.concatenate((self.tail, older.tail)),
            np.concatenate((self.contents, older.contents)),
            np.concatenate((self.versions, older.versions)),
            np.concatenate((self.parcels, older.parcels)),
            _concatenate_moments(self, older),
        ).sort()

    def find_places(self, head: Halves, tail: Halves) -> Numbers:
        """Return the places of refs in a sorted pile, -1 for those it does not hold."""
        at, end = np.searchsorted(self.head, head), np.searchsorted(self.head, head, side="right")
        # Pseudonyms are random: two that share 64 bits are as good as absent, so the loop ends at once.
        while (wrong := (at < end) & (self.tail[np.minimum(at, len(self.tail) - 1)] != tail)).any():
            at[wrong] += 1
        return np.where(at < end, at, -1)


@dataclass(frozen=True, slots=True)
class RecalledRecords:
    """What is known of some refs, in their order; version 0 for a ref that is not known."""

    contents: NDArray[np.uint8]
    versions: Numbers
    parcels: Numbers
    """The journal's own numbers of the parcels that brought these contents."""
    moments: Numbers | None = None
    """When each state was made, in microseconds since 1970, 0 where nothing said it; None: of none of them."""

    @property
    def withdrawn(self) -> NDArray[np.bool_]:
        """Mark the refs whose record was deleted at the destination since it was delivered."""
        return (self.versions > 0) & ~self.contents.any(axis=1)

    @property
    def there(self) -> NDArray[np.bool_]:
        """Mark the refs whose record the destination has."""
        return (self.versions > 0) & self.contents.any(axis=1)


@dataclass(slots=True)
class RefIndex:
    """The first bytes of every ref of one scope, in memory: most new refs are recognised without reading a pile."""

    heads: dict[int, Beginnings] = field(default_factory=dict)
    """The sorted beginnings of each pile, by its id, oldest pile first."""
    sieve: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1, dtype=np.uint8))
    """A bit set, eight bits per byte: set for every known ref, and for all refs with the same beginning."""
    verified: set[int] = field(default_factory=set)
    """Piles whose digest was verified in this process: they never change, and are read again with every batch."""

    def refresh(self, connection: Connection, scope_id: int) -> None:
        """Read the piles written since the last call and drop those that were merged."""
        ids = connection.execute(select(_KNOWN.id).where(_KNOWN.scope_id == scope_id).order_by(_KNOWN.id)).scalars()
        fresh = {
            pile_id: self.heads[pile_id] if pile_id in self.heads else _read_head(connection, pile_id)
            for pile_id in ids
        }
        if fresh.keys() == self.heads.keys():
            return
        added = [head for pile_id, head in fresh.items() if pile_id not in self.heads]
        self.heads = fresh
        count = sum(map(len, fresh.values()))
        # 16 to 32 bits a ref keep the sieve sparse; it is a power of two, so that a place is a shift of the beginning.
        size = 1 << min(max((16 * count).bit_length(), 3), _SIEVE_BITS) - 3
        if len(self.sieve) != size:
            # All places change with the size. Otherwise bits of merged piles stay set, which is harmless.
            self.sieve, added = np.zeros(size, dtype=np.uint8), list(fresh.values())
        for head in added:
            byte, bit = self._locate_bits(head)
            # `sieve[byte] |= bit` would lose all but one of the bits that fall into the same byte.
            np.bitwise_or.at(self.sieve, byte, bit)

    def find_candidates(self, head: Beginnings) -> Numbers:
        """Return the places of the refs that may be known; the others are certainly new."""
        byte, bit = self._locate_bits(head)
        return np.flatnonzero(self.sieve[byte] & bit)

    def _locate_bits(self, head: Beginnings) -> tuple[Numbers, NDArray[np.uint8]]:
        """Return the byte of the sieve and the bit in it of each ref."""
        place = head >> np.uint32(30 - len(self.sieve).bit_length())
        return (place >> np.uint32(3)).astype(np.int64), np.uint8(1) << (place & np.uint32(7)).astype(np.uint8)


def recall(connection: Connection, index: RefIndex, scope: tuple[str, str], keys: bytes) -> RecalledRecords:
    """Look up refs, given as their concatenated pseudonyms. Memory: the answer and one pile."""
    head, tail = _split_keys(keys)
    recalled = RecalledRecords(
        np.zeros((len(head), PSEUDONYM_BYTES), dtype=np.uint8),
        np.zeros(len(head), dtype=np.int64),
        np.zeros(len(head), dtype=np.int64),
    )
    scope_id = find_scope_id(connection, *scope)
    if scope_id is None:
        return recalled
    index.refresh(connection, scope_id)
    beginning = _truncate_head(head)
    pending = index.find_candidates(beginning)
    pending = pending[
        np.argsort(head[pending])
    ]  # binary searches in ascending order share cache lines: several times faster
    for pile_id, heads in reversed(index.heads.items()):
        at = np.minimum(np.searchsorted(heads, beginning[pending]), len(heads) - 1)
        likely = pending[heads[at] == beginning[pending]]
        if len(likely):
            pile = _read_pile(connection, pile_id, index.verified)
            recalled = _copy_records(pile, head, tail, likely, recalled)
            pending = pending[recalled.versions[pending] == 0]
        if not len(pending):
            break
    return recalled


def _copy_records(
    pile: _Pile, head: Halves, tail: Halves, likely: Numbers, recalled: RecalledRecords
) -> RecalledRecords:
    """Copy the records of refs that the pile holds into the answer, and return it."""
    at = pile.find_places(head[likely], tail[likely])
    there, at = likely[at >= 0], at[at >= 0]
    recalled.contents[there] = pile.contents[at]
    recalled.versions[there] = pile.versions[at]
    recalled.parcels[there] = pile.parcels[at]
    if pile.moments is None:
        return recalled
    # Made with the first pile that has any: most scopes have no order, and pay nothing for those that have.
    moments = np.zeros(len(head), dtype=np.int64) if recalled.moments is None else recalled.moments
    moments[there] = pile.moments[at]
    return replace(recalled, moments=moments)


def remember(
    connection: Connection, seal: Seal, flow: str, parcel_id: int, records: Iterable[DeliveredRecords]
) -> None:
    """Store delivered records, in the caller's transaction; of two of the same ref the later one counts."""
    scopes: dict[str, list[DeliveredRecords]] = {}
    for entry in records:
        scopes.setdefault(entry.contract, []).append(entry)
    for contract, entries in scopes.items():
        scope_id = create_scope(connection, flow, contract)
        pile = None
        for entry in entries:
            fresh = _build_pile(entry, parcel_id)
            pile = fresh if pile is None else fresh.merge_over(pile)
            remember_remote_ids(connection, seal, scope_id, entry)
        if pile is not None and len(pile.head):
            _insert_pile(connection, scope_id, pile)


def count_older(connection: Connection, scopes: Sequence[tuple[str, str]], parcel_id: int) -> int:
    """Count the refs whose last state was brought by a parcel of this number or an earlier one."""
    return sum(_count_older(connection, scope, parcel_id) for scope in scopes)


def _count_older(connection: Connection, scope: tuple[str, str], parcel_id: int) -> int:
    piles = select(_KNOWN.id).where(_KNOWN.scope_id == find_scope_id(connection, *scope)).order_by(_KNOWN.id)
    # Oldest first: of a ref in two piles, the newer one counts.
    merged = None
    for pile_id in connection.execute(piles).scalars().all():
        pile = _read_pile(connection, pile_id)
        merged = pile if merged is None else pile.merge_over(merged)
    return 0 if merged is None else int((merged.parcels <= parcel_id).sum())


def count_refs(connection: Connection, scope: tuple[str, str]) -> int:
    """Count the refs of a scope, whatever their versions. Memory: 16 bytes per ref."""
    # Lengths of piles cannot be added up: a ref that was delivered twice may be in two of them.
    piles = select(_KNOWN.ref_keys).where(_KNOWN.scope_id == find_scope_id(connection, *scope))
    halves = [_split_keys(keys) for keys in connection.execute(piles).scalars()]
    if not halves:
        return 0
    pairs = np.column_stack([np.concatenate(parts) for parts in zip(*halves, strict=True)])
    return len(np.unique(pairs, axis=0))


def _build_pile(records: DeliveredRecords, parcel_id: int) -> _Pile:
    """Return delivered records as a sorted pile."""
    # Backwards, as `sort` keeps the first record of a ref and the later one counts.
    head, tail = _split_keys(records.ref_keys)
    versions = np.asarray(records.versions, dtype=np.int64)
    reversed_pile = _Pile(
        head[::-1],
        tail[::-1],
        _reshape_contents(records.contents)[::-1],
        versions[::-1],
        np.full(len(head), parcel_id, dtype=np.int64),
        np.frombuffer(records.moments, dtype="<i8")[::-1] if records.moments else None,
    )
    return reversed_pile.sort()


def _concatenate_moments(pile: _Pile, older: _Pile) -> Numbers | None:
    if pile.moments is None and older.moments is None:
        return None
    both = (np.zeros(len(one.head), dtype=np.int64) if one.moments is None else one.moments for one in (pile, older))
    return np.concatenate(tuple(both))


def _insert_pile(connection: Connection, scope_id: int, pile: _Pile) -> None:
    """Insert a pile, merged with the newest ones while those are no larger.

    As in a log-structured merge tree, each record is rewritten a logarithmic number of times.
    """
    size = func.length(_KNOWN.versions) / 8
    newest = select(_KNOWN.id, size).where(_KNOWN.scope_id == scope_id).order_by(_KNOWN.id.desc())
    for pile_id, count in connection.execute(newest.limit(40)).all():
        if count > len(pile.head) or count + len(pile.head) > _FULL:
            break
        pile = pile.merge_over(_read_pile(connection, pile_id))
        connection.execute(delete(schema.known).where(_KNOWN.id == pile_id))
    columns = {
        "ref_keys": np.column_stack((pile.head, pile.tail)).astype(">u8").tobytes(),
        "contents": pile.contents.tobytes(),
        "versions": pile.versions.astype("<i8").tobytes(),
        "parcels": pile.parcels.astype("<i8").tobytes(),
        "moments": None if pile.moments is None else pile.moments.astype("<i8").tobytes(),
    }
    connection.execute(insert(schema.known), {"scope_id": scope_id, **columns, "digest": _compute_digest(columns)})


def verify_piles(connection: Connection) -> int:
    """Verify every pile that has a digest and return how many piles there are. Memory: one pile.

    Raises FatalError `incident.journal.corrupt`.
    """
    ids = connection.execute(select(_KNOWN.id)).scalars().all()
    for pile_id in ids:
        _read_pile(connection, pile_id)
    return len(ids)


def _compute_digest(columns: Mapping[str, bytes | None]) -> bytes:
    """Return the digest of a pile: SHA-256 of its refs, then of all its other columns, in order of their names."""
    # In two parts: the refs are also read alone. Not keyed: it is against chance, not against people.
    rest = hashlib.sha256()
    for name, column in sorted(columns.items()):
        if name != "ref_keys" and column is not None:
            rest.update(f"{name}:{len(column)}:".encode())
            rest.update(column)
    return hashlib.sha256(columns["ref_keys"] or b"").digest() + rest.digest()


def _refuse_damaged(found: bytes, stored: bytes | None) -> None:
    """Raise FatalError `incident.journal.corrupt` when a digest does not begin as it should; a pile may have none."""
    if stored is not None and stored[: len(found)] != found:
        raise FatalError("incident.journal.corrupt", cause="known")


def _read_pile(connection: Connection, pile_id: int, verified: set[int] | None = None) -> _Pile:
    """Read a pile, verified unless it is among the `verified`, to which it is added."""
    columns = (_KNOWN.ref_keys, _KNOWN.contents, _KNOWN.versions, _KNOWN.parcels, _KNOWN.moments)
    row = connection.execute(select(*columns, _KNOWN.digest).where(_KNOWN.id == pile_id)).one()
    keys, contents, versions, parcels, moments, digest = row
    if verified is None or pile_id not in verified:
        arrays = dict(zip(("ref_keys", "contents", "versions", "parcels", "moments"), row[:-1], strict=True))
        _refuse_damaged(_compute_digest(arrays), digest)
        if verified is not None:
            verified.add(pile_id)
    return _Pile(
        *_split_keys(keys),
        _reshape_contents(contents),
        np.frombuffer(versions, dtype="<i8").astype(np.int64),
        np.frombuffer(parcels, dtype="<i8").astype(np.int64),
        None if moments is None else np.frombuffer(moments, dtype="<i8").astype(np.int64),
    )


def _read_head(connection: Connection, pile_id: int) -> Beginnings:
    keys, digest = connection.execute(select(_KNOWN.ref_keys, _KNOWN.digest).where(_KNOWN.id == pile_id)).one()
    # damaged refs would be new ones, and everything of theirs delivered again as such
    _refuse_damaged(hashlib.sha256(keys).digest(), digest)
    return _truncate_head(_split_keys(keys)[0])


def _truncate_head(head: Halves) -> Beginnings:
    """Return the first four bytes of refs: by chance, one ref in 65,000 shares them with a ref of a full pile."""
    return (head >> np.uint64(32)).astype(np.uint32)


def _split_keys(keys: bytes) -> tuple[Halves, Halves]:
    # Big-endian, so that the order of the numbers is the order of the bytes.
    pairs = np.frombuffer(keys, dtype=">u8").reshape(-1, 2).astype(np.uint64)
    return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])


def _reshape_contents(contents: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(contents, dtype=np.uint8).reshape(-1, PSEUDONYM_BYTES)
