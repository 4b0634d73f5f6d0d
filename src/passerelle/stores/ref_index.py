"""Which refs a destination has: looked up in the blocks of known records, most of them without reading one."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from sqlalchemy import func, select

from passerelle.stores import schema
from passerelle.stores.block_cache import BlockCache
from passerelle.stores.block_reading import read_block_beginnings, read_columns
from passerelle.stores.known_block import SoughtRefs, StoredBlock
from passerelle.stores.scopes import find_scope_id
from passerelle.stores.seal import PSEUDONYM_BYTES
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Numbers = NDArray[np.int64]
    Beginnings = NDArray[np.uint32]

_KNOWN = schema.known.c
_SIEVE_BITS = 25
"""Base-2 logarithm of the most bits of the sieve (4 MiB): with five million refs it rules out six of seven new ones."""


@dataclass(frozen=True, slots=True)
class RecalledRecords:
    """What is known of some refs, in their order; version 0 for a ref that is not known."""

    contents: NDArray[np.uint8]
    versions: Numbers
    parcels: Numbers
    """The journal's own numbers of the parcels that brought these contents."""
    moments: Numbers | None = None
    """When each state was made, in microseconds since 1970, 0 where nothing said it; None: of none of them."""

    @classmethod
    def of_none(cls, count: int) -> Self:
        """Make the answer for so many refs of which none is known."""
        contents = np.zeros((count, PSEUDONYM_BYTES), dtype=np.uint8)
        return cls(contents, np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64))

    def take(self, there: Numbers, block: StoredBlock, places: Numbers) -> RecalledRecords:
        """Take the records at these places of a block over, for the refs `there`."""
        self.contents[there] = block.contents[places]
        self.versions[there] = block.versions[places]
        self.parcels[there] = block.parcels[places]
        if block.moments is None:
            return self
        # Made with the first block that has any: most scopes have no order, and pay nothing for those that have.
        moments = np.zeros(len(self.versions), dtype=np.int64) if self.moments is None else self.moments
        moments[there] = block.moments[places]
        return replace(self, moments=moments)

    def spread(self, places: Numbers, count: int) -> RecalledRecords:
        """Return the answer for so many refs, of which these are the ones at `places`; the others are not known."""
        whole = RecalledRecords.of_none(count)
        whole.contents[places] = self.contents
        whole.versions[places] = self.versions
        whole.parcels[places] = self.parcels
        if self.moments is None:
            return whole
        moments = np.zeros(count, dtype=np.int64)
        moments[places] = self.moments
        return replace(whole, moments=moments)

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
    """The first bytes of every ref of one scope, in memory: most new refs are recognised without reading a block."""

    heads: dict[int, Beginnings] = field(default_factory=dict)
    """The sorted beginnings of each block, by its id, oldest block first."""
    sieve: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1, dtype=np.uint8))
    """A bit set, eight bits per byte: set for every known ref, and for all refs with the same beginning."""
    lengths: dict[int, int] = field(default_factory=dict)
    """Bytes of the refs of each block, by its id: where somebody is erased a block keeps its id and gets shorter."""
    verified: set[int] = field(default_factory=set)
    """Blocks whose digest was verified in this process, some of which are read again and again."""
    cache: BlockCache = field(default_factory=BlockCache)

    def refresh(self, connection: Connection, scope_id: int) -> None:
        """Read the blocks written since the last call and drop those that were merged or changed."""
        # lengths stand at the beginning of a row: a digest stands behind all of its blobs
        length = func.length(_KNOWN.ref_keys).label("length")
        stored = select(_KNOWN.id, length).where(_KNOWN.scope_id == scope_id).order_by(_KNOWN.id)
        lengths: dict[int, int] = {row.id: row.length for row in connection.execute(stored)}
        if lengths == self.lengths:
            return
        for block_id, earlier in self.lengths.items():
            if lengths.get(block_id) != earlier:
                self._drop(block_id)
        self.lengths = lengths
        fresh = {
            block_id: self.heads[block_id] if block_id in self.heads else read_block_beginnings(connection, block_id)
            for block_id in lengths
        }
        added = [head for block_id, head in fresh.items() if block_id not in self.heads]
        self.heads = fresh
        count = sum(map(len, fresh.values()))
        # 16 to 32 bits a ref keep the sieve sparse; it is a power of two, so that a place is a shift of the beginning.
        size = 1 << min(max((16 * count).bit_length(), 3), _SIEVE_BITS) - 3
        if len(self.sieve) != size:
            # All places change with the size. Otherwise bits of merged blocks stay set, which is harmless.
            self.sieve, added = np.zeros(size, dtype=np.uint8), list(fresh.values())
        for head in added:
            byte, bit = self._locate_bits(head)
            # `sieve[byte] |= bit` would lose all but one of the bits that fall into the same byte.
            np.bitwise_or.at(self.sieve, byte, bit)

    def _drop(self, block_id: int) -> None:
        del self.heads[block_id]
        self.verified.discard(block_id)
        self.cache.drop(block_id)

    def find_candidates(self, head: Beginnings) -> Numbers:
        """Return the places of the refs that may be known; the others are certainly new."""
        byte, bit = self._locate_bits(head)
        return np.flatnonzero(self.sieve[byte] & bit)

    def _locate_bits(self, head: Beginnings) -> tuple[Numbers, NDArray[np.uint8]]:
        """Return the byte of the sieve and the bit in it of each ref."""
        place = head >> np.uint32(30 - len(self.sieve).bit_length())
        return (place >> np.uint32(3)).astype(np.int64), np.uint8(1) << (place & np.uint32(7)).astype(np.uint8)


def recall(connection: Connection, index: RefIndex, scope: tuple[str, str], keys: bytes) -> RecalledRecords:
    """Look up refs, given as their concatenated pseudonyms. Memory: the answer, one block, and what is cached."""
    wanted = SoughtRefs.of(keys)
    scope_id = find_scope_id(connection, *scope)
    if scope_id is None:
        return RecalledRecords.of_none(len(wanted.beginnings))
    index.refresh(connection, scope_id)
    places = index.find_candidates(wanted.beginnings)
    # binary searches in ascending order share cache lines: several times faster
    places = places[np.argsort(wanted.beginnings[places])]
    found = _look_up(connection, index, wanted.select(places))
    return found.spread(places, len(wanted.beginnings))


def _look_up(connection: Connection, index: RefIndex, wanted: SoughtRefs) -> RecalledRecords:
    """Look up refs in ascending order, in the newest blocks first."""
    found = RecalledRecords.of_none(len(wanted.beginnings))
    pending = np.arange(len(wanted.beginnings))
    for block_id, heads in reversed(index.heads.items()):
        if not len(pending):
            break
        beginnings = wanted.beginnings[pending]
        at = np.minimum(np.searchsorted(heads, beginnings), len(heads) - 1)
        likely = np.flatnonzero(heads[at] == beginnings)
        if not len(likely):
            continue
        block = _find_block(connection, block_id, index)
        places = block.find_places(heads, at[likely], wanted.select(pending[likely]))
        likely, places = likely[places >= 0], places[places >= 0]
        found = found.take(pending[likely], block, places)
        pending = np.delete(pending, likely)
    return found


def _find_block(connection: Connection, block_id: int, index: RefIndex) -> StoredBlock:
    """Return a block to look refs up in, from the cache where it is there, verified once."""
    block = index.cache.find(block_id)
    if block is None:
        block = StoredBlock.of(*read_columns(connection, block_id, index.verified))
        index.cache.keep(block_id, block)
    return block
