"""What the destination already has: keyed pseudonyms in sorted piles, each written whole and searched column-wise.

A settled batch adds one pile to its scope (flow, contract): refs in order, and beside them the contents, versions and
parcels that they had last. The newest pile that holds a ref counts. Small piles melt into one as they gather, so that
a scope has few. One row for each record would be written back in many places of the index, again with every batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete, func, insert, select, update

from passerelle.stores import schema
from passerelle.stores.database import insert_into, iter_slices
from passerelle.stores.seal import PSEUDONYM_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import DeliveredRecords

    Numbers = NDArray[np.int64]
    Halves = NDArray[np.uint64]
    Beginnings = NDArray[np.uint32]

_KNOWN, _SCOPE, _REMOTE = schema.known.c, schema.scope.c, schema.known_remote.c
_FULL = 1 << 16
"""Records of a pile that grows no more."""
_SIEVE_BITS = 25
"""The sieve has so many bits at most: 4 MiB, which six of seven refs that are new fall through at five million."""


@dataclass(frozen=True, slots=True)
class _Pile:
    """Records of one scope, by ref: `head` and `tail` are the halves of the pseudonyms, as numbers."""

    head: Halves
    tail: Halves
    contents: NDArray[np.uint8]
    """Sixteen bytes a row."""
    versions: Numbers
    parcels: Numbers

    def sorted(self) -> _Pile:
        """Put refs in order; of the same ref, the first one stays."""
        order = np.argsort(self.head)
        head = self.head[order]
        if (head[1:] != head[:-1]).all():
            return self.only(order)
        order = np.lexsort((self.tail, self.head))
        head, tail = self.head[order], self.tail[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (head[1:] != head[:-1]) | (tail[1:] != tail[:-1])
        return self.only(order[first])

    def only(self, places: Numbers) -> _Pile:
        """Take some records."""
        return _Pile(
            self.head[places],
            self.tail[places],
            self.contents[places],
            self.versions[places],
            self.parcels[places],
        )

    def above(self, older: _Pile) -> _Pile:
        """Melt with an older pile; of the same ref, this one's record stays."""
        return _Pile(
            np.concatenate((self.head, older.head)),
            np.concatenate((self.tail, older.tail)),
            np.concatenate((self.contents, older.contents)),
            np.concatenate((self.versions, older.versions)),
            np.concatenate((self.parcels, older.parcels)),
        ).sorted()

    def places_of(self, head: Halves, tail: Halves) -> Numbers:
        """Find refs in a sorted pile: their places, -1 where they are not. Few share a first half, if any."""
        at, end = np.searchsorted(self.head, head), np.searchsorted(self.head, head, side="right")
        while (wrong := (at < end) & (self.tail[np.minimum(at, len(self.tail) - 1)] != tail)).any():
            at[wrong] += 1
        return np.where(at < end, at, -1)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is remembered of some refs, in their order; a version of 0 where nothing is."""

    contents: NDArray[np.uint8]
    versions: Numbers
    parcels: Numbers
    """The journal's own numbers of the parcels that brought these contents."""


@dataclass(slots=True)
class Index:
    """How every ref of one scope begins, in memory: what is new is told without reading a pile."""

    heads: dict[int, Beginnings] = field(default_factory=dict)
    """In order, by the id of the pile, oldest first."""
    sieve: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1, dtype=np.uint8))
    """Bits, eight a byte: set for every ref that is known, and for those that begin alike."""

    def refresh(self, connection: Connection, scope_id: int) -> None:
        """Take in piles that were written since, and leave out those that melted."""
        ids = connection.execute(select(_KNOWN.id).where(_KNOWN.scope_id == scope_id).order_by(_KNOWN.id)).scalars()
        fresh = {one: self.heads[one] if one in self.heads else _head_of(connection, one) for one in ids}
        if fresh.keys() == self.heads.keys():
            return
        added = [head for one, head in fresh.items() if one not in self.heads]
        self.heads = fresh
        count = sum(map(len, fresh.values()))
        size = 1 << min(max((16 * count).bit_length(), 3), _SIEVE_BITS) - 3
        if len(self.sieve) != size:
            self.sieve, added = np.zeros(size, dtype=np.uint8), list(fresh.values())
        for head in added:
            byte, bit = self._hole(head)
            np.bitwise_or.at(self.sieve, byte, bit)

    def maybe(self, head: Beginnings) -> Numbers:
        """Give the places of the refs that may be known."""
        byte, bit = self._hole(head)
        return np.flatnonzero(self.sieve[byte] & bit)

    def _hole(self, head: Beginnings) -> tuple[Numbers, NDArray[np.uint8]]:
        """Give the byte and the bit of it that stand for each ref."""
        place = head >> np.uint32(30 - len(self.sieve).bit_length())
        return (place >> np.uint32(3)).astype(np.int64), np.uint8(1) << (place & np.uint32(7)).astype(np.uint8)


def recall(connection: Connection, index: Index, scope: tuple[str, str], keys: bytes) -> Recalled:
    """Find what is remembered of refs, given as their pseudonyms one after the other. Memory: the answer, one pile."""
    head, tail = _halves(keys)
    found = Recalled(
        np.zeros((len(head), PSEUDONYM_BYTES), dtype=np.uint8),
        np.zeros(len(head), dtype=np.int64),
        np.zeros(len(head), dtype=np.int64),
    )
    scope_id = _scope_id(connection, *scope)
    if scope_id is None:
        return found
    index.refresh(connection, scope_id)
    beginning = _beginning(head)
    left = index.maybe(beginning)
    left = left[np.argsort(head[left])]  # what is looked for in order is found several times faster
    for pile_id, heads in reversed(index.heads.items()):
        at = np.minimum(np.searchsorted(heads, beginning[left]), len(heads) - 1)
        likely = left[heads[at] == beginning[left]]
        if len(likely):
            _take(_read(connection, pile_id), head, tail, likely, found)
            left = left[found.versions[left] == 0]
        if not len(left):
            break
    return found


def _take(pile: _Pile, head: Halves, tail: Halves, likely: Numbers, found: Recalled) -> None:
    """Note what a pile says of refs, where it holds them."""
    at = pile.places_of(head[likely], tail[likely])
    there, at = likely[at >= 0], at[at >= 0]
    found.contents[there] = pile.contents[at]
    found.versions[there] = pile.versions[at]
    found.parcels[there] = pile.parcels[at]


def remember(
    connection: Connection, seal: Seal, flow: str, parcel_id: int, records: Iterable[DeliveredRecords]
) -> None:
    """Write what was delivered, in the caller's transaction; of two of the same ref the later one counts."""
    scopes: dict[str, list[DeliveredRecords]] = {}
    for entry in records:
        scopes.setdefault(entry.contract, []).append(entry)
    for contract, entries in scopes.items():
        scope_id = _scope(connection, flow, contract)
        pile = None
        for entry in entries:
            fresh = _pile(entry, parcel_id)
            pile = fresh if pile is None else fresh.above(pile)
            _remember_remotes(connection, seal, scope_id, entry)
        if pile is not None and len(pile.head):
            _add(connection, scope_id, pile)


def remotes(connection: Connection, seal: Seal, scope: tuple[str, str], ref_keys: Sequence[bytes]) -> dict[bytes, str]:
    """Find the destination's own ids of refs, where it gave one."""
    scope_id = _scope_id(connection, *scope)
    found: dict[bytes, str] = {}
    # files and tables give no ids: one look saves a statement for each slice of refs
    if connection.execute(select(_REMOTE.ref_key).where(_REMOTE.scope_id == scope_id).limit(1)).first() is None:
        return found
    for some in iter_slices(ref_keys):
        wanted = select(_REMOTE.ref_key, _REMOTE.remote).where(_REMOTE.scope_id == scope_id, _REMOTE.ref_key.in_(some))
        for key, sealed in connection.execute(wanted):
            found[key] = seal.open(sealed, about=key).decode()
    return found


def remote_pairs(
    connection: Connection, seal: Seal, scope: tuple[str, str], after: bytes, limit: int
) -> list[tuple[bytes, str]]:
    """Page through the refs of a scope that ever had an id of the destination's own, in order of their pseudonyms."""
    wanted = select(_REMOTE.ref_key, _REMOTE.remote).where(
        _REMOTE.scope_id == _scope_id(connection, *scope), _REMOTE.ref_key > after
    )
    rows = connection.execute(wanted.order_by(_REMOTE.ref_key).limit(limit)).all()
    return [(key, seal.open(sealed, about=key).decode()) for key, sealed in rows]


def forget_remotes(connection: Connection, seal: Seal, scope: tuple[str, str], ref_keys: Sequence[bytes]) -> None:
    """Empty the destination's ids of refs: it does not have them any more. That it once had them stays known."""
    scope_id = _scope_id(connection, *scope)
    for key in ref_keys:
        emptied = update(schema.known_remote).where(_REMOTE.scope_id == scope_id, _REMOTE.ref_key == key)
        connection.execute(emptied.values(remote=seal.seal(b"", about=key)))


def count(connection: Connection, scope: tuple[str, str]) -> int:
    """Count the refs of a scope, whatever their versions. Memory: 16 bytes a ref."""
    piles = select(_KNOWN.ref_keys).where(_KNOWN.scope_id == _scope_id(connection, *scope))
    halves = [_halves(keys) for keys in connection.execute(piles).scalars()]
    if not halves:
        return 0
    pairs = np.column_stack([np.concatenate(parts) for parts in zip(*halves, strict=True)])
    return len(np.unique(pairs, axis=0))


def _pile(records: DeliveredRecords, parcel_id: int) -> _Pile:
    """Make a sorted pile; the later of two records of a ref comes first, and stays."""
    head, tail = _halves(records.ref_keys)
    versions = np.asarray(records.versions, dtype=np.int64)
    backwards = _Pile(
        head[::-1],
        tail[::-1],
        _rows(records.contents)[::-1],
        versions[::-1],
        np.full(len(head), parcel_id, dtype=np.int64),
    )
    return backwards.sorted()


def _add(connection: Connection, scope_id: int, pile: _Pile) -> None:
    """Write a pile, melted with the newest ones while those are no larger."""
    size = func.length(_KNOWN.versions) / 8
    newest = select(_KNOWN.id, size).where(_KNOWN.scope_id == scope_id).order_by(_KNOWN.id.desc())
    for pile_id, count in connection.execute(newest.limit(40)).all():
        if count > len(pile.head) or count + len(pile.head) > _FULL:
            break
        pile = pile.above(_read(connection, pile_id))
        connection.execute(delete(schema.known).where(_KNOWN.id == pile_id))
    connection.execute(insert(schema.known), {"scope_id": scope_id, **_written(pile)})


def _written(pile: _Pile) -> dict[str, bytes]:
    return {
        "ref_keys": np.column_stack((pile.head, pile.tail)).astype(">u8").tobytes(),
        "contents": pile.contents.tobytes(),
        "versions": pile.versions.astype("<i8").tobytes(),
        "parcels": pile.parcels.astype("<i8").tobytes(),
    }


def _read(connection: Connection, pile_id: int) -> _Pile:
    columns = (_KNOWN.ref_keys, _KNOWN.contents, _KNOWN.versions, _KNOWN.parcels)
    keys, contents, versions, parcels = connection.execute(select(*columns).where(_KNOWN.id == pile_id)).one()
    return _Pile(
        *_halves(keys),
        _rows(contents),
        np.frombuffer(versions, dtype="<i8").astype(np.int64),
        np.frombuffer(parcels, dtype="<i8").astype(np.int64),
    )


def _head_of(connection: Connection, pile_id: int) -> Beginnings:
    return _beginning(_halves(connection.execute(select(_KNOWN.ref_keys).where(_KNOWN.id == pile_id)).scalar_one())[0])


def _beginning(head: Halves) -> Beginnings:
    """Take the first four bytes of a ref: some other of a full pile begins alike once in 65,000 times."""
    return (head >> np.uint64(32)).astype(np.uint32)


def _halves(keys: bytes) -> tuple[Halves, Halves]:
    pairs = np.frombuffer(keys, dtype=">u8").reshape(-1, 2).astype(np.uint64)
    return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])


def _rows(contents: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(contents, dtype=np.uint8).reshape(-1, PSEUDONYM_BYTES)


def _remember_remotes(connection: Connection, seal: Seal, scope_id: int, records: DeliveredRecords) -> None:
    if not records.remote_ids:
        return
    last = {key: remote for key, remote in zip(records.list_keys(), records.remote_ids, strict=True) if remote}
    rows = [
        {"scope_id": scope_id, "ref_key": key, "remote": seal.seal(remote.encode(), about=key)}
        for key, remote in sorted(last.items())
    ]
    fresh = insert_into(connection, schema.known_remote)
    upsert = fresh.on_conflict_do_update(index_elements=["scope_id", "ref_key"], set_={"remote": fresh.excluded.remote})
    if rows:
        connection.execute(upsert, rows)


def _scope_id(connection: Connection, flow: str, contract: str) -> int | None:
    wanted = select(_SCOPE.id).where(_SCOPE.flow == flow, _SCOPE.contract == contract)
    return connection.execute(wanted).scalar()


def _scope(connection: Connection, flow: str, contract: str) -> int:
    """Number a scope, so that piles need not repeat its words."""
    values = insert_into(connection, schema.scope).values(flow=flow, contract=contract)
    connection.execute(values.on_conflict_do_nothing(index_elements=["flow", "contract"]))
    found: Any = _scope_id(connection, flow, contract)
    return int(found)
