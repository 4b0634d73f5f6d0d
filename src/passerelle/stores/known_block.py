"""Records of one scope in order of their refs, as the journal keeps them: a block, and how two become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Halves = NDArray[np.uint64]
    Beginnings = NDArray[np.uint32]

_CONTENT_BYTES = 16


@dataclass(frozen=True, slots=True)
class SoughtRefs:
    """Refs to look up, in the same form as those of a `StoredBlock`."""

    beginnings: Beginnings
    """The first four bytes of each ref, as numbers."""
    pairs: Halves
    """All of each ref, as two numbers in the order of this machine's bytes: they are equal or not, and in no order."""

    @classmethod
    def of(cls, keys: bytes) -> Self:
        """Make them of concatenated pseudonyms."""
        return cls(read_beginnings(keys), np.frombuffer(keys, dtype=np.uint64).reshape(-1, 2))

    def select(self, places: Numbers) -> SoughtRefs:
        """Return the refs at these places, in their order."""
        return SoughtRefs(self.beginnings[places], self.pairs[places])


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block as it is stored, to look refs up in: its columns are views of the stored bytes, nothing is converted."""

    pairs: Halves
    """The refs, as `SoughtRefs` has them, in their order."""
    contents: NDArray[np.uint8]
    """Sixteen bytes per row."""
    versions: Numbers
    parcels: Numbers
    moments: Numbers | None = None

    @classmethod
    def of(cls, keys: bytes, contents: bytes, versions: bytes, parcels: bytes, moments: bytes | None) -> Self:
        """Make one of the columns of the table."""
        return cls(
            np.frombuffer(keys, dtype=np.uint64).reshape(-1, 2),
            np.frombuffer(contents, dtype=np.uint8).reshape(-1, _CONTENT_BYTES),
            np.frombuffer(versions, dtype="<i8"),
            np.frombuffer(parcels, dtype="<i8"),
            None if moments is None else np.frombuffer(moments, dtype="<i8"),
        )

    @property
    def size(self) -> int:
        """Bytes that it takes in memory."""
        columns = (self.pairs, self.contents, self.versions, self.parcels, self.moments)
        return sum(column.nbytes for column in columns if column is not None)

    def find_places(self, beginnings: Beginnings, at: Numbers, wanted: SoughtRefs) -> Numbers:
        """Return the places of refs, -1 for those it does not hold.

        `beginnings` are those of this block, and `at` the first places where they are those of the refs.
        """
        places, last = at.copy(), len(beginnings) - 1
        missing = np.flatnonzero(_compare_pairs(self.pairs[places], wanted.pairs))
        # One ref in 65,000 of a full block begins as another one does: the loop hardly ever goes round.
        while len(missing):
            places[missing] += 1
            begins_so = places[missing] <= last
            begins_so &= beginnings[np.minimum(places[missing], last)] == wanted.beginnings[missing]
            places[missing[~begins_so]] = -1
            missing = missing[begins_so]
            missing = missing[_compare_pairs(self.pairs[places[missing]], wanted.pairs[missing])]
        return places


def _compare_pairs(pairs: Halves, others: Halves) -> NDArray[np.bool_]:
    # true where they are not the same
    differ: NDArray[np.bool_] = (pairs[:, 0] != others[:, 0]) | (pairs[:, 1] != others[:, 1])
    return differ


def read_beginnings(keys: bytes) -> Beginnings:
    """Return the first four bytes of concatenated pseudonyms as numbers, whose order is that of the bytes."""
    return np.frombuffer(keys, dtype=">u4")[::4].astype(np.uint32)


@dataclass(frozen=True, slots=True)
class KnownBlock:
    """Records of one scope, by ref: `head` and `tail` are the halves of the pseudonyms, as numbers."""

    head: Halves
    tail: Halves
    contents: NDArray[np.uint8]
    """Sixteen bytes per row."""
    versions: Numbers
    parcels: Numbers
    moments: Numbers | None = None
    """When each state was made, in microseconds since 1970, 0 where nothing said it; None: of none of them."""

    def sort(self) -> KnownBlock:
        """Return the block in order of refs, with the first record of each ref only."""
        # stable: of blocks that were sorted already and are merged, it finds the runs
        order = np.argsort(self.head, kind="stable")
        head = self.head[order]
        if (head[1:] != head[:-1]).all():
            # No two heads are equal: sorting by 64 bits was enough, at half the cost of sorting pairs.
            return self.select(order)
        order = np.lexsort((self.tail, self.head))
        head, tail = self.head[order], self.tail[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (head[1:] != head[:-1]) | (tail[1:] != tail[:-1])
        return self.select(order[first])

    def select(self, places: Numbers) -> KnownBlock:
        """Return the records at these places, in their order."""
        return KnownBlock(
            self.head[places],
            self.tail[places],
            self.contents[places],
            self.versions[places],
            self.parcels[places],
            None if self.moments is None else self.moments[places],
        )

    def merge_over(self, older: KnownBlock) -> KnownBlock:
        """Merge with an older block; of a ref in both, this block's record stays."""
        return KnownBlock(
            np.concatenate((self.head, older.head)),
            np.concatenate((self.tail, older.tail)),
            np.concatenate((self.contents, older.contents)),
            np.concatenate((self.versions, older.versions)),
            np.concatenate((self.parcels, older.parcels)),
            _concatenate_moments(self, older),
        ).sort()

    def find_places(self, head: Halves, tail: Halves) -> Numbers:
        """Return the places of refs in a sorted block, -1 for those it does not hold."""
        at, end = np.searchsorted(self.head, head), np.searchsorted(self.head, head, side="right")
        # Pseudonyms are random: two that share 64 bits are as good as absent, so the loop ends at once.
        while (wrong := (at < end) & (self.tail[np.minimum(at, len(self.tail) - 1)] != tail)).any():
            at[wrong] += 1
        return np.where(at < end, at, -1)


def _concatenate_moments(block: KnownBlock, older: KnownBlock) -> Numbers | None:
    if block.moments is None and older.moments is None:
        return None
    both = (np.zeros(len(one.head), dtype=np.int64) if one.moments is None else one.moments for one in (block, older))
    return np.concatenate(tuple(both))
