"""Zips with a password, opened while they are collected: what is kept of them is the same zip without it.

Judged by their directory like every other zip, before anything is opened. What is not plain is handed on as it came:
decoding parks it and says why.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from io import BufferedReader, RawIOBase
from typing import IO, TYPE_CHECKING, cast

import pyzipper

from passerelle.documents.archives import CSV_LIMITS, open_judged
from passerelle.vocabulary.errors import FlowError, ParcelError
from passerelle.vocabulary.safe_files import open_nowhere

if TYPE_CHECKING:
    from collections.abc import Generator

_PIECE = 1 << 20
_SIGN = b"PK"
_ENCRYPTED = 0x1
_FAULTS = (RuntimeError, NotImplementedError, zipfile.BadZipFile, pyzipper.BadZipFile, zlib.error, EOFError, ValueError)
"""What comes of a wrong password, or of content that is damaged: of the older encryption they look alike."""


def open_locked_zip(stream: IO[bytes], password: str) -> IO[bytes]:
    """Return a zip without its password; what is no zip, or asks for no password, as it came.

    Reading raises FlowError `incident.file.password` when the password does not open it.
    """
    if not stream.seekable():
        # encrypted as it is, and in no place on a disk all the same
        held = open_nowhere()
        with stream:
            shutil.copyfileobj(stream, held, _PIECE)
        stream = held
    stream.seek(0)
    is_zip = stream.read(2) == _SIGN
    try:
        archive = open_judged(stream, CSV_LIMITS, opener=pyzipper.AESZipFile) if is_zip else None
    except ParcelError:
        archive = None
    stream.seek(0)
    if archive is None or not any(entry.flag_bits & _ENCRYPTED for entry in archive.infolist()):
        return stream
    return cast("IO[bytes]", BufferedReader(_ClearZip(stream, archive, password), _PIECE))


class _ClearZip(RawIOBase):
    """The bytes of a zip that holds the same files, made while they are read; the same each time."""

    def __init__(self, stream: IO[bytes], archive: zipfile.ZipFile, password: str) -> None:
        super().__init__()
        self._stream = stream
        self._pieces = _iter_pieces(archive, password.encode())
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands over
        """Read the next bytes, none at the end."""
        try:
            while not self._ready and (piece := next(self._pieces, None)) is not None:
                self._ready = memoryview(piece)
        except _FAULTS:
            # which file it is knows whoever opened it
            raise FlowError("incident.file.password", file="–") from None
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def close(self) -> None:
        """Close the zip that is read."""
        if not self.closed:
            self._pieces.close()
            self._stream.close()
        super().close()


class _Sink:
    """Takes what is written, until it is fetched."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, content: bytes) -> int:
        """Take bytes."""
        self._held += content
        return len(content)

    def flush(self) -> None:
        """Do nothing: what is held is fetched."""

    def fetch(self) -> bytes:
        """Return what was written since the last time."""
        held, self._held = bytes(self._held), bytearray()
        return held


def _iter_pieces(archive: zipfile.ZipFile, password: bytes) -> Generator[bytes, None, None]:
    sink = _Sink()
    # not compressed: the depot compresses, and bytes that were judged once are not to look like a bomb
    with zipfile.ZipFile(cast("IO[bytes]", sink), "w", zipfile.ZIP_STORED) as written:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            plain = zipfile.ZipInfo(entry.filename, entry.date_time)
            with archive.open(entry, pwd=password) as source, written.open(plain, "w", force_zip64=True) as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
                    yield sink.fetch()
            yield sink.fetch()
    yield sink.fetch()
