"""Temporary files that hold records: sealed piece by piece, under a key in memory alone.

A process that is killed leaves nothing that opens, neither in the file, which has no name, nor in the room it took.
"""

from __future__ import annotations

import io
import secrets
import tempfile
import weakref
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import polars as pl
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from pathlib import Path

PiecePlace = tuple[int, int, int]
"""Where a piece is: its number (the nonce), offset and length."""


def write_frame(frame: pl.DataFrame) -> bytes:
    """Return a frame as Arrow IPC."""
    target = io.BytesIO()
    # lz4 costs less than the bytes that need not be sealed.
    frame.write_ipc(target, compression="lz4")
    return target.getvalue()


@dataclass(slots=True)
class SealedPieces:
    """A file of pieces, each sealed (AES-256-GCM) under a key that is never written."""

    stream: IO[bytes]
    _cipher: AESGCM = field(default_factory=lambda: AESGCM(secrets.token_bytes(32)))
    _count: int = 0

    def append(self, content: bytes) -> PiecePlace:
        """Write a piece and return where it is. Raises OSError."""
        # The number is the nonce: AES-GCM breaks when one comes twice under a key, so it is never given back.
        number, self._count = self._count, self._count + 1
        sealed = self._cipher.encrypt(number.to_bytes(12, "big"), content, None)
        offset = self.stream.seek(0, 2)
        self.stream.write(sealed)
        return number, offset, len(sealed)

    def read(self, place: PiecePlace) -> bytes:
        """Return a piece."""
        number, offset, length = place
        self.stream.seek(offset)
        return self._cipher.decrypt(number.to_bytes(12, "big"), self.stream.read(length), None)


@dataclass(slots=True, weakref_slot=True)
class SealedFrames:
    """Frames in a sealed file, which is gone when nobody holds this any more."""

    folder: Path
    """Where the room is taken."""
    _pieces: SealedPieces | None = None

    def append(self, frame: pl.DataFrame) -> PiecePlace:
        """Write a frame and return where it is. Raises OSError."""
        return self._open().append(write_frame(frame))

    def read(self, place: PiecePlace) -> pl.DataFrame:
        """Return a frame."""
        return pl.read_ipc(self._open().read(place))

    def close(self) -> None:
        """Free the room; the frames are gone."""
        if self._pieces is not None:
            self._pieces.stream.close()
            self._pieces = None

    def _open(self) -> SealedPieces:
        if self._pieces is None:  # many hold no row: they need no file
            stream = tempfile.TemporaryFile(dir=self.folder, prefix="switch-")  # noqa: SIM115  see close
            weakref.finalize(self, stream.close)
            self._pieces = SealedPieces(stream)
        return self._pieces
