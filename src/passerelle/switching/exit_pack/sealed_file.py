"""Files under a key of their own: a pack under a passphrase, and the temporary files while a pack is made.

Layout: signature · salt · scrypt's cost · then chunks of 1 MiB, each AES-256-GCM with its number as nonce and, as
associated data, the head, its number and whether it is the last: a chunk that was cut off or moved does not open.
"""

from __future__ import annotations

import io
import secrets
import struct
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]  # of Python 3.12; only read by type checkers

SIGNATURE = b"PSEXIT\x01\x00"
CHUNK = 1 << 20
_TAG = 16
_SALT = 16
_COST = 15
"""log2 of scrypt's N: 32 MiB and a tenth of a second a try (RFC 7914)."""
_MOST_COST = 17
"""128 MiB: nobody makes us spend more on a head that is not proven yet."""
_HEAD = len(SIGNATURE) + _SALT + 1


class SealingWriter(io.RawIOBase):
    """Seals what is written to it; closing it writes the last chunk and leaves `target` open."""

    def __init__(self, target: IO[bytes], key: bytes, head: bytes = b"") -> None:
        self._target = target
        self._cipher = AESGCM(key)
        self._head = head
        self._waiting = bytearray()
        self._number = 0
        target.write(head)

    @classmethod
    def from_passphrase(cls, target: IO[bytes], passphrase: str) -> SealingWriter:
        """Return a writer that seals under a passphrase, with a salt of its own."""
        head = SIGNATURE + secrets.token_bytes(_SALT) + bytes((_COST,))
        return cls(target, _derive_key(passphrase, head), head)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, piece: Buffer, /) -> int:
        """Take in bytes; full chunks are written at once, all but the last one."""
        taken = bytes(piece)
        self._waiting += taken
        # One full chunk stays: it may be the last, which is sealed as such.
        while len(self._waiting) > CHUNK:
            self._write_chunk(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(taken)

    def close(self) -> None:
        """Write the last chunk."""
        if not self.closed:
            self._write_chunk(bytes(self._waiting), last=True)
            self._waiting.clear()
        super().close()

    def _write_chunk(self, chunk: bytes, *, last: bool) -> None:
        about = _make_associated_data(self._head, self._number, last)
        self._target.write(self._cipher.encrypt(_make_nonce(self._number), chunk, about))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads what `SealingWriter` wrote, from anywhere.

    Raises UsageError `usage.pack.sealed` for a wrong key or damage.
    """

    def __init__(self, source: IO[bytes], key: bytes, head: bytes = b"") -> None:
        self._source = source
        self._cipher = AESGCM(key)
        self._head = head
        length = source.seek(0, io.SEEK_END) - len(head)
        self._chunks = max(1, -(-length // (CHUNK + _TAG)))
        self._size = length - _TAG * self._chunks
        self._position = 0
        self._held = (-1, b"")

    @classmethod
    def from_passphrase(cls, source: IO[bytes], passphrase: str) -> SealedReader:
        """Open what a passphrase seals."""
        source.seek(0)
        head = source.read(_HEAD)
        opened = cls(source, _derive_key(passphrase, head), head)
        opened.read_chunk(opened._chunks - 1)  # the last one proves the passphrase, and that nothing was cut off
        return opened

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Set the position and return it."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # RawIOBase names a wider, private type
        """Read bytes of one chunk and return how many."""
        if self._position >= self._size:
            return 0
        number, offset = divmod(self._position, CHUNK)
        piece = self.read_chunk(number)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def read_chunk(self, number: int) -> bytes:
        """Open one chunk; the one that was opened last is cached."""
        if self._held[0] != number:
            self._source.seek(len(self._head) + number * (CHUNK + _TAG))
            about = _make_associated_data(self._head, number, number == self._chunks - 1)
            try:
                self._held = (number, self._cipher.decrypt(_make_nonce(number), self._source.read(CHUNK + _TAG), about))
            except (InvalidTag, ValueError):
                raise UsageError("usage.pack.sealed") from None
        return self._held[1]


def is_sealed(source: IO[bytes]) -> bool:
    """Whether a file begins as sealed packs do."""
    source.seek(0)
    begins = source.read(len(SIGNATURE)) == SIGNATURE
    source.seek(0)
    return begins


def _derive_key(passphrase: str, head: bytes) -> bytes:
    """Derive a key from a passphrase. Refuses costs beyond ours: the head is not verified yet."""
    cost = head[-1] if len(head) == _HEAD else 0
    if not _COST <= cost <= _MOST_COST:
        raise UsageError("usage.pack.sealed")
    salt = head[len(SIGNATURE) : len(SIGNATURE) + _SALT]
    return Scrypt(salt, 32, 1 << cost, 8, 1).derive(passphrase.encode())


def _make_nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _make_associated_data(head: bytes, number: int, last: bool) -> bytes:  # noqa: FBT001  one of two marks, never read alone
    return head + struct.pack(">QB", number, last)
