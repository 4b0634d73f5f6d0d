"""The content of a deposited file: chunks that are verified before a byte of them is read."""

from __future__ import annotations

import io
import struct
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passerelle.stores.seal import NONCE_BYTES
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 20
TAG = 16


@dataclass(frozen=True, slots=True)
class DepositHead:
    """The header of a deposited file, opened."""

    key: bytes
    size: int
    name: str
    start: int
    """Offset of the first chunk in the file."""


class DepositContent(io.RawIOBase):
    """The plain bytes of a deposited file, seekable, decrypted chunk by chunk."""

    def __init__(self, file: IO[bytes], head: DepositHead) -> None:
        self._file = file
        self._head = head
        self._cipher = AESGCM(head.key)
        self._position = 0
        self._chunk = (-1, b"")
        self._read_chunk(max(0, (head.size - 1) // CHUNK))  # the last chunk proves that nothing was cut off

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return true."""
        return True

    def tell(self) -> int:
        """Return the position in the plain bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position in the plain bytes."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._head.size}[whence]
        if origin + offset < 0:
            raise ValueError("a position cannot be negative")
        self._position = origin + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # RawIOBase names a wider, private type
        """Read up to the end of a chunk."""
        if self._position >= self._head.size:
            return 0
        index, offset = divmod(self._position, CHUNK)
        piece = self._read_chunk(index)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _read_chunk(self, index: int) -> bytes:
        if self._chunk[0] != index:
            last = (index + 1) * CHUNK >= self._head.size
            with translate_read_errors():
                # The last chunk is read to the end of the file, so that appended bytes fail to authenticate.
                self._file.seek(self._head.start + index * (CHUNK + TAG))
                sealed = self._file.read(-1 if last else CHUNK + TAG)
            try:
                self._chunk = (index, self._cipher.decrypt(make_nonce(index), sealed, bind_chunk(index, last=last)))
            except (InvalidTag, ValueError):
                raise ParcelError("incident.deposit.broken") from None
        return self._chunk[1]


@contextmanager
def translate_read_errors(digest: str = "") -> Iterator[None]:
    """Translate an OSError while one deposit is read: a bad sector is this parcel's trouble, not every flow's."""
    try:
        yield
    except OSError:
        raise ParcelError("incident.deposit.broken", parcel=digest) from None


def iter_chunks(stream: IO[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (index, chunk, whether it is the last): full chunks, then the rest; one empty chunk for an empty stream."""
    index, chunk = 0, _read_full_chunk(stream)
    while len(chunk) == CHUNK and (following := _read_full_chunk(stream)):
        yield index, chunk, False
        index, chunk = index + 1, following
    yield index, chunk, True


def _read_full_chunk(stream: IO[bytes]) -> bytes:
    """Read a whole chunk; a raw stream may return fewer bytes than asked for."""
    pieces, missing = [], CHUNK
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def make_nonce(index: int) -> bytes:
    """Return the nonce of a chunk: its index."""
    return index.to_bytes(NONCE_BYTES, "big")


def bind_chunk(index: int, *, last: bool) -> bytes:
    """Return what a chunk is bound to: its index, and whether another one follows."""
    return struct.pack(">QB", index, last)
