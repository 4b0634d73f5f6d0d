"""Cuts what is to be sent into pieces of one size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PIECE = 1 << 20
"""Bytes asked for, or sent, in one step."""


def iter_pieces(content: bytes | Iterable[bytes | memoryview], size: int = PIECE) -> Iterator[bytes]:
    """Cut, or join, what is to be sent into pieces of some size: each costs a way to the server and back."""
    pending = bytearray()
    for part in (content,) if isinstance(content, bytes) else content:
        pending += part
        while len(pending) >= size:
            yield bytes(pending[:size])
            del pending[:size]
    if pending:
        yield bytes(pending)
