"""The depot: the bytes as received, sealed, each parcel under its digest.

File layout: 8 bytes of signature · the data key, wrapped, bound to digest and size · size of the content (8 bytes) ·
length of the sealed name (4 bytes) · the sealed name · chunks of 1 MiB, each AES-256-GCM under the file's own data key
with its index and a last-flag as associated data. The key is bound to the digest, chunks to the key and to their index:
a renamed file, a chunk that was cut off, moved or taken from elsewhere does not open.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passerelle.stores.disk import make_private_folder, sync_folder, translate_disk_errors
from passerelle.stores.seal import KEY_BYTES, NONCE_BYTES, WRAPPED_BYTES
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from passerelle.stores.seal import Seal

CHUNK = 1 << 20
_TAG = 16
_SIGNATURE = b"PSDEPOT\x01"
_LENGTHS = struct.Struct(">QI")
_HEAD = len(_SIGNATURE) + WRAPPED_BYTES + _LENGTHS.size
_NAME_NONCE = b"\xff" * NONCE_BYTES
"""Chunks count from 0, so no chunk ever has it."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DRAFT = ".draft"
_DRAFT_SECONDS = 86_400
"""Nobody takes a day to receive one parcel: an older draft was left by a process that died."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """What was put in: the SHA-256 of the bytes in hexadecimal, and how many there are."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class _Head:
    """What opens a deposited file."""

    key: bytes
    size: int
    name: str
    start: int
    """Where the first chunk begins."""


class Depot:
    """A folder of sealed parcels, shared by all flows: the same bytes are kept once."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self._folder = folder
        self._seal = seal
        with translate_disk_errors():
            make_private_folder(folder)

    def put(self, stream: IO[bytes], *, name: str) -> Deposit:
        """Keep what the stream gives, durably. Bytes that are already there stay, under the name they came with first.

        Memory: two chunks. Raises FatalError `incident.disk.*`; what the stream itself raises goes through.
        """
        draft = self._folder / f"{secrets.token_hex(16)}{_DRAFT}"
        try:
            with self._private(draft) as target:
                deposit = self._write(stream, target, name)
            with translate_disk_errors():
                if not self.has(deposit.digest):
                    draft.replace(self._folder / deposit.digest)
                sync_folder(self._folder)
        finally:
            with translate_disk_errors():
                draft.unlink(missing_ok=True)
        hit_failpoint("collect.copied")
        return deposit

    def open(self, digest: str) -> IO[bytes]:
        """Open for reading, seekable; each chunk is verified before any byte of it is given.

        Raises FatalError `incident.deposit.missing` or `incident.deposit.broken`, also while reading.
        """
        file = self._file(digest)
        try:
            content = _Content(file, self._head(file, digest))
        except BaseException:
            file.close()
            raise
        return io.BufferedReader(content, CHUNK)

    def read_name(self, digest: str) -> str:
        """Give the supplier's word for it: data, possibly personal."""
        with self._file(digest) as file:
            return self._head(file, digest).name

    def has(self, digest: str) -> bool:
        """Say whether it is here."""
        return self._path(digest).is_file()

    def remove(self, digest: str) -> None:
        """Destroy it with its data key. Nothing happens where it is not."""
        with translate_disk_errors():
            self._path(digest).unlink(missing_ok=True)
            sync_folder(self._folder)

    def list_digests(self) -> list[str]:
        """List what is here."""
        with translate_disk_errors():
            return sorted(path.name for path in self._folder.iterdir() if _DIGEST.fullmatch(path.name))

    def sweep(self, now: datetime) -> int:
        """Remove drafts that dead processes left; say how many."""
        with translate_disk_errors():
            drafts = [path for path in self._folder.glob(f"*{_DRAFT}") if _age(path, now) > _DRAFT_SECONDS]
            for path in drafts:
                path.unlink(missing_ok=True)
        return len(drafts)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise FatalError("incident.deposit.missing")
        return self._folder / digest

    def _file(self, digest: str) -> IO[bytes]:
        path = self._path(digest)
        with translate_disk_errors():
            try:
                return path.open("rb")
            except FileNotFoundError:
                raise FatalError("incident.deposit.missing", parcel=digest) from None

    @contextmanager
    def _private(self, path: Path) -> Iterator[IO[bytes]]:
        with translate_disk_errors():
            file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        try:
            yield file
        finally:
            with translate_disk_errors():
                file.close()

    def _write(self, stream: IO[bytes], target: IO[bytes], name: str) -> Deposit:
        """Write head, name and chunks, then the key: it is bound to the digest, which is known last."""
        key, digest, size = secrets.token_bytes(KEY_BYTES), hashlib.sha256(), 0
        cipher = AESGCM(key)
        sealed_name = cipher.encrypt(_NAME_NONCE, name.encode("utf-8", "surrogateescape"), b"name")
        with translate_disk_errors():
            target.write(bytes(_HEAD) + sealed_name)
        for index, chunk, last in _chunks(stream):
            digest.update(chunk)
            size += len(chunk)
            with translate_disk_errors():
                target.write(cipher.encrypt(_nonce(index), chunk, _place(index, last=last)))
        deposit = Deposit(digest.hexdigest(), size)
        wrapped = self._seal.wrap(key, about=_about(deposit.digest, size))
        with translate_disk_errors():
            target.seek(0)
            target.write(_SIGNATURE + wrapped + _LENGTHS.pack(size, len(sealed_name)))
            target.flush()
            os.fsync(target.fileno())
        return deposit

    def _head(self, file: IO[bytes], digest: str) -> _Head:
        with translate_disk_errors():
            head = file.read(_HEAD)
        if len(head) != _HEAD or not head.startswith(_SIGNATURE):
            raise FatalError("incident.deposit.broken", parcel=digest)
        size, name_length = _LENGTHS.unpack_from(head, _HEAD - _LENGTHS.size)
        wrapped = head[len(_SIGNATURE) : len(_SIGNATURE) + WRAPPED_BYTES]
        try:
            key = self._seal.unwrap(wrapped, about=_about(digest, size))
            with translate_disk_errors():
                name = AESGCM(key).decrypt(_NAME_NONCE, file.read(name_length), b"name")
        except (FatalError, InvalidTag, ValueError):
            raise FatalError("incident.deposit.broken", parcel=digest) from None
        return _Head(key, size, name.decode("utf-8", "surrogateescape"), _HEAD + name_length)


class _Content(io.RawIOBase):
    """The plain bytes of a deposited file, chunk by chunk, from anywhere."""

    def __init__(self, file: IO[bytes], head: _Head) -> None:
        self._file = file
        self._head = head
        self._cipher = AESGCM(head.key)
        self._position = 0
        self._chunk = (-1, b"")
        self._at(max(0, (head.size - 1) // CHUNK))  # the last chunk proves that nothing was cut off

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._head.size}[whence]
        if origin + offset < 0:
            raise ValueError("a position cannot be negative")
        self._position = origin + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # RawIOBase names a wider, private type
        if self._position >= self._head.size:
            return 0
        index, offset = divmod(self._position, CHUNK)
        piece = self._at(index)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _at(self, index: int) -> bytes:
        if self._chunk[0] != index:
            last = (index + 1) * CHUNK >= self._head.size
            with translate_disk_errors():
                self._file.seek(self._head.start + index * (CHUNK + _TAG))
                sealed = self._file.read(-1 if last else CHUNK + _TAG)
            try:
                self._chunk = (index, self._cipher.decrypt(_nonce(index), sealed, _place(index, last=last)))
            except (InvalidTag, ValueError):
                raise FatalError("incident.deposit.broken") from None
        return self._chunk[1]


def _chunks(stream: IO[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Cut into (index, chunk, is it the last): full chunks, then the rest; one empty chunk for an empty stream."""
    index, chunk = 0, _full(stream)
    while len(chunk) == CHUNK and (following := _full(stream)):
        yield index, chunk, False
        index, chunk = index + 1, following
    yield index, chunk, True


def _full(stream: IO[bytes]) -> bytes:
    """Read a whole chunk, however little the stream gives at a time."""
    pieces, missing = [], CHUNK
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _nonce(index: int) -> bytes:
    return index.to_bytes(NONCE_BYTES, "big")


def _place(index: int, *, last: bool) -> bytes:
    return struct.pack(">QB", index, last)


def _about(digest: str, size: int) -> bytes:
    return f"depot/{digest}/{size}".encode()


def _age(path: Path, now: datetime) -> float:
    return now.timestamp() - path.stat().st_mtime
