"""Data keys as the seal uses them, and what it asks of the keyring, which stands on the database as others do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

KEY_BYTES = 32
ITEM, DEPOSIT = "item", "deposit"
"""Kinds of blocks: keys of envelopes in the journal, and of files in a depot."""


@dataclass(slots=True)
class DataKeys:
    """Fresh data keys, to be used in their order, each for one message."""

    block: int
    content: bytes
    used: int = 0

    def take(self) -> tuple[int, bytes]:
        """Return the next key with its index in the block."""
        return self.take_each(1)[0]

    def take_each(self, count: int) -> list[tuple[int, bytes]]:
        """Return so many keys, each with its index in the block."""
        first, self.used = self.used, self.used + count
        content = self.content
        return [(nth, content[nth * KEY_BYTES : (nth + 1) * KEY_BYTES]) for nth in range(first, self.used)]


class KeyStore(Protocol):
    """Where data keys are kept: `keyring.Keyring`, whose methods say what each does."""

    name: str

    def make_keys(self, count: int, now: int, kind: str = ITEM) -> DataKeys:
        """Make keys."""
        ...

    def find_key(self, block: int, index: int) -> bytes | None:
        """Return a key; None when it was destroyed."""
        ...

    def destroy(self, places: Iterable[tuple[int, int]]) -> int:
        """Destroy keys, given as (block, index)."""
        ...

    def retire(self, block: int, now: int) -> None:
        """Retire the keys of a block."""
        ...

    def retire_unused(
        self, living: Mapping[int, NDArray[np.int64]], kind: str, *, before: int, now: int, deadline: int
    ) -> int:
        """Retire keys that are not living; destroy those whose time is over."""
        ...

    def read_word(self, word: str) -> bytes:
        """Return what is kept under a word."""
        ...

    def keep_word(self, word: str, content: bytes) -> None:
        """Keep something under a word."""
        ...

    def wrap_again(self, wrapping_key: bytes, words: Mapping[str, bytes]) -> int:
        """Wrap all keys under another key."""
        ...

    def destroy_all(self) -> int:
        """Destroy every key."""
        ...

    def copy_into(self, folder: Path) -> None:
        """Copy every key into a new keyring in a folder."""
        ...

    def carry_keys(self, connection: Connection) -> None:
        """Copy every key into the tables of another keyring."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...
