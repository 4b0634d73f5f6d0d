"""Blocks of known records that were read lately: records that come in another order need all blocks for each batch."""

from __future__ import annotations

import random
from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.stores.known_block import StoredBlock

CACHED = 64 << 20
"""Bytes of blocks in memory: those of 1.2 million records."""


@dataclass(slots=True)
class BlockCache:
    """Blocks by their numbers, whatever scope they are of; all of them together take `capacity` bytes at most."""

    capacity: int = CACHED
    _blocks: dict[int, StoredBlock] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311  which block goes is no secret

    def find(self, number: int) -> StoredBlock | None:
        """Return a block; None when it is not here."""
        return self._blocks.get(number)

    def keep(self, number: int, block: StoredBlock) -> None:
        """Keep a block, in place of others where there is no room."""
        size = sum(kept.size for kept in self._blocks.values()) + block.size
        # By chance: each batch goes through the blocks in the same order, and the one that was used longest ago is
        # the one that is needed next. To drop that one would leave the cache without use as soon as it is full.
        while size > self.capacity and self._blocks:
            size -= self._blocks.pop(self._chance.choice(tuple(self._blocks))).size
        if size <= self.capacity:
            self._blocks[number] = block

    def drop(self, number: int) -> None:
        """Drop a block that is no more as it was."""
        self._blocks.pop(number, None)
