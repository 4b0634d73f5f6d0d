"""The depot: received bytes, sealed, one file per parcel, named by its digest.

File layout: 8 bytes of signature · the place of the data key in the keyring and a tag that binds it to digest and size
(in earlier files, and without a keyring: the key itself, wrapped) · size of the content (8 bytes) · length of the
sealed name (4 bytes) · the sealed name · chunks of 1 MiB, each AES-256-GCM under the file's own data key with its index
and a last-flag as associated data. The key is bound to the digest, chunks to the key and to their index: a renamed
file, a chunk that was cut off, moved or taken from elsewhere does not open.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import struct
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passerelle.stores.data_keys import DEPOSIT
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.stores.seal import KEY_BYTES, NONCE_BYTES, WRAPPED_BYTES
from passerelle.vocabulary.errors import FatalError, ParcelError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import open_new, sync_folder

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from datetime import datetime
    from pathlib import Path

    from passerelle.stores.seal import Seal

CHUNK = 1 << 20
_TAG = 16
_SIGNATURE, _IN_KEYRING = b"PSDEPOT\x01", b"PSDEPOT\x02"
_LENGTHS = struct.Struct(">QI")
_HEAD = len(_SIGNATURE) + WRAPPED_BYTES + _LENGTHS.size
_NAME_NONCE = b"\xff" * NONCE_BYTES
"""The nonce of the name; chunks count from 0, so none has the same."""
_TAG_NONCE = b"\xfe" * NONCE_BYTES
_PLACE = struct.Struct(">qI")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DRAFT = ".draft"
_DRAFT_SECONDS = 86_400
"""No parcel takes a day to receive: an older draft was left by a process that died."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """A parcel put into the depot: the SHA-256 of its bytes in hexadecimal, and their number."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class _Head:
    """The header of a deposited file, opened."""

    key: bytes
    size: int
    name: str
    start: int
    """Offset of the first chunk in the file."""


class Depot:
    """A folder of sealed parcels, shared by all flows: the same bytes are kept once."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self._folder = folder
        self._seal = seal
        with translate_disk_errors():
            make_private_folder(folder)

    def put(self, stream: IO[bytes], *, name: str) -> Deposit:
        """Store the bytes of a stream durably. Bytes that are already there keep the name they first came with.

        A deposit that does not open any more is replaced: the same bytes have come again, and heal it. Memory: two
        chunks. Raises FatalError `incident.disk.*`; exceptions of the stream pass through unchanged.
        """
        draft = self._folder / f"{secrets.token_hex(16)}{_DRAFT}"
        try:
            with self._create_private(draft) as target:
                deposit = self._write_deposit(stream, target, name)
            with translate_disk_errors():
                if self.is_sound(deposit.digest):
                    self._destroy_key(draft)
                else:
                    self._destroy_key(self._folder / deposit.digest)
                    draft.replace(self._folder / deposit.digest)
                sync_folder(self._folder)  # the rename itself must survive a power cut
        finally:
            with translate_disk_errors():
                draft.unlink(missing_ok=True)
        hit_failpoint("collect.copied")
        return deposit

    def open(self, digest: str) -> IO[bytes]:
        """Open a parcel for reading, seekable; a chunk is verified before any byte of it is returned.

        Raises ParcelError `incident.deposit.missing` or `incident.deposit.broken`, also while reading.
        """
        file = self._open_file(digest)
        try:
            content = _Content(file, self._read_head(file, digest))
        except BaseException:
            file.close()
            raise
        return io.BufferedReader(content, CHUNK)

    def read_name(self, digest: str) -> str:
        """Return the supplier's name for the parcel: data, possibly personal."""
        with self._open_file(digest) as file:
            return self._read_head(file, digest).name

    def has(self, digest: str) -> bool:
        """Whether the parcel is in the depot."""
        return self._find_path(digest).is_file()

    def is_sound(self, digest: str) -> bool:
        """Whether the parcel is in the depot and opens from its first byte to its last. Memory: two chunks."""
        try:
            with self.open(digest) as stream:
                while stream.read(CHUNK):
                    pass
        except ParcelError:
            return False
        return True

    def remove(self, digest: str, *, keeps_key: bool = False) -> None:
        """Destroy the parcel with its data key; no error when it is not there.

        `keeps_key` leaves the key to the next sweeps, so that a copy of the state that is put back has its parcel.
        """
        path = self._find_path(digest)
        # the key first: killed in between, a file is left that nothing opens
        self._destroy_key(path, retires=keeps_key)
        with translate_disk_errors():
            path.unlink(missing_ok=True)
            sync_folder(self._folder)

    def list_key_places(self) -> list[tuple[int, int]]:
        """List the places in the keyring of the keys of all files, drafts included."""
        with translate_disk_errors():
            paths = [path for path in self._folder.iterdir() if path.is_file()]
        return [place for path in paths if (place := _read_key_place(path)) is not None]

    def list_with_own_key(self) -> list[str]:
        """List the digests of the parcels whose file holds its key, from before there was a keyring."""
        return [digest for digest in self.list_digests() if _read_key_place(self._folder / digest) is None]

    def seal_again(self, digest: str) -> None:
        """Write a parcel anew, its key in the keyring. Raises ParcelError when it does not open."""
        draft = self._folder / f"{secrets.token_hex(16)}{_DRAFT}"
        try:
            with self.open(digest) as stream, self._create_private(draft) as target:
                self._write_deposit(stream, target, self.read_name(digest))
            with translate_disk_errors():
                draft.replace(self._folder / digest)
                sync_folder(self._folder)
        finally:
            with translate_disk_errors():
                draft.unlink(missing_ok=True)

    def list_digests(self) -> list[str]:
        """List the digests of all parcels in the depot, sorted."""
        with translate_disk_errors():
            return sorted(path.name for path in self._folder.iterdir() if _DIGEST.fullmatch(path.name))

    def list_older(self, moment: datetime) -> list[str]:
        """List the digests of the parcels whose files were written before `moment`, sorted."""
        with translate_disk_errors():
            return [name for name in self.list_digests() if (self._folder / name).stat().st_mtime < moment.timestamp()]

    def sweep(self, now: datetime) -> int:
        """Remove drafts that dead processes left and return their number."""
        with translate_disk_errors():
            # A younger draft may belong to a process that is still receiving.
            oldest = now.timestamp() - _DRAFT_SECONDS
            drafts = [path for path in self._folder.glob(f"*{_DRAFT}") if path.stat().st_mtime < oldest]
            for path in drafts:
                path.unlink(missing_ok=True)
        return len(drafts)

    def sweep_unnamed(self, named: Container[str], now: datetime) -> int:
        """Remove what nothing names any more and is no work in progress; return how many."""
        with translate_disk_errors():
            oldest = now.timestamp() - _DRAFT_SECONDS
            paths = [path for path in self._folder.iterdir() if _DIGEST.fullmatch(path.name) and path.name not in named]
            left = [path for path in paths if path.stat().st_mtime < oldest]
            for path in left:
                path.unlink(missing_ok=True)
        return len(left)

    def _destroy_key(self, path: Path, *, retires: bool = False) -> None:
        place, keyring = _read_key_place(path), self._seal.keyring
        if place is None or keyring is None:
            return
        if retires:
            keyring.retire(place[0], time.time_ns() // 1000)
        else:
            keyring.destroy([place])

    def _find_path(self, digest: str) -> Path:
        # A digest may come from a command line: only hexadecimal, so that it cannot name another file.
        if not _DIGEST.fullmatch(digest):
            raise ParcelError("incident.deposit.missing")
        return self._folder / digest

    def _open_file(self, digest: str) -> IO[bytes]:
        path = self._find_path(digest)
        try:
            return path.open("rb")
        except FileNotFoundError:
            raise ParcelError("incident.deposit.missing", parcel=digest) from None
        except OSError:
            raise ParcelError("incident.deposit.broken", parcel=digest) from None

    @contextmanager
    def _create_private(self, path: Path) -> Iterator[IO[bytes]]:
        with translate_disk_errors():
            file = open_new(path)
        try:
            yield file
        finally:
            with translate_disk_errors():
                file.close()

    def _write_deposit(self, stream: IO[bytes], target: IO[bytes], name: str) -> Deposit:
        """Write name and chunks, then the header: its key is bound to the digest, which is known last."""
        keys = self._seal.make_keys(1, DEPOSIT)
        key, digest, size = keys.content if keys else secrets.token_bytes(KEY_BYTES), hashlib.sha256(), 0
        cipher = AESGCM(key)
        sealed_name = cipher.encrypt(_NAME_NONCE, name.encode("utf-8", "surrogateescape"), b"name")
        # Zeros in place of the header: a draft that is cut here has no signature and does not open.
        with translate_disk_errors():
            target.write(bytes(_HEAD) + sealed_name)
        for index, chunk, last in _iter_chunks(stream):
            digest.update(chunk)
            size += len(chunk)
            with translate_disk_errors():
                target.write(cipher.encrypt(_make_nonce(index), chunk, _bind_chunk(index, last=last)))
        deposit = Deposit(digest.hexdigest(), size)
        bound = _bind_key(deposit.digest, size)
        if keys is None:
            head = _SIGNATURE + self._seal.wrap(key, about=bound)
        else:
            tag = cipher.encrypt(_TAG_NONCE, b"", bound)
            head = _IN_KEYRING + (_PLACE.pack(keys.block, 0) + tag).ljust(WRAPPED_BYTES, b"\0")
        with translate_disk_errors():
            target.seek(0)
            target.write(head + _LENGTHS.pack(size, len(sealed_name)))
            target.flush()
            os.fsync(target.fileno())
        return deposit

    def _read_head(self, file: IO[bytes], digest: str) -> _Head:
        with _translate_read_errors(digest):
            head = file.read(_HEAD)
        if len(head) != _HEAD or not head.startswith((_SIGNATURE, _IN_KEYRING)):
            raise ParcelError("incident.deposit.broken", parcel=digest)
        size, name_length = _LENGTHS.unpack_from(head, _HEAD - _LENGTHS.size)
        try:
            key = self._find_key(head, digest, size)
            with _translate_read_errors(digest):
                name = AESGCM(key).decrypt(_NAME_NONCE, file.read(name_length), b"name")
        except (FatalError, InvalidTag, ValueError, OverflowError, MemoryError):
            raise ParcelError("incident.deposit.broken", parcel=digest) from None
        return _Head(key, size, name.decode("utf-8", "surrogateescape"), _HEAD + name_length)

    def _find_key(self, head: bytes, digest: str, size: int) -> bytes:
        """Return the data key of a file, verified to be of this digest and size. Raises what opening a seal raises."""
        bound, field = _bind_key(digest, size), head[len(_SIGNATURE) : len(_SIGNATURE) + WRAPPED_BYTES]
        if head.startswith(_SIGNATURE):
            return self._seal.unwrap(field, about=bound)
        if self._seal.keyring is None:
            raise FatalError("incident.seal.broken")
        key = self._seal.keyring.find_key(*_PLACE.unpack_from(field))
        if key is None:
            raise ParcelError("incident.deposit.missing", parcel=digest)
        AESGCM(key).decrypt(_TAG_NONCE, field[_PLACE.size : _PLACE.size + _TAG], bound)
        return key


class _Content(io.RawIOBase):
    """The plain bytes of a deposited file, seekable, decrypted chunk by chunk."""

    def __init__(self, file: IO[bytes], head: _Head) -> None:
        self._file = file
        self._head = head
        self._cipher = AESGCM(head.key)
        self._position = 0
        self._chunk = (-1, b"")
        self._read_chunk(max(0, (head.size - 1) // CHUNK))  # the last chunk proves that nothing was cut off

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
        piece = self._read_chunk(index)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _read_chunk(self, index: int) -> bytes:
        if self._chunk[0] != index:
            last = (index + 1) * CHUNK >= self._head.size
            with _translate_read_errors():
                # The last chunk is read to the end of the file, so that appended bytes fail to authenticate.
                self._file.seek(self._head.start + index * (CHUNK + _TAG))
                sealed = self._file.read(-1 if last else CHUNK + _TAG)
            try:
                self._chunk = (index, self._cipher.decrypt(_make_nonce(index), sealed, _bind_chunk(index, last=last)))
            except (InvalidTag, ValueError):
                raise ParcelError("incident.deposit.broken") from None
        return self._chunk[1]


def _read_key_place(path: Path) -> tuple[int, int] | None:
    """Return where in the keyring the key of a file is; None when it is not there, or there is no such file."""
    with translate_disk_errors():
        try:
            with path.open("rb") as file:
                head = file.read(len(_IN_KEYRING) + _PLACE.size)
        except FileNotFoundError:
            return None
    if len(head) != len(_IN_KEYRING) + _PLACE.size or not head.startswith(_IN_KEYRING):
        return None
    block, index = _PLACE.unpack_from(head, len(_IN_KEYRING))
    return block, index


@contextmanager
def _translate_read_errors(digest: str = "") -> Iterator[None]:
    """Translate an OSError while one deposit is read: a bad sector is this parcel's trouble, not every flow's."""
    try:
        yield
    except OSError:
        raise ParcelError("incident.deposit.broken", parcel=digest) from None


def _iter_chunks(stream: IO[bytes]) -> Iterator[tuple[int, bytes, bool]]:
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


def _make_nonce(index: int) -> bytes:
    return index.to_bytes(NONCE_BYTES, "big")


def _bind_chunk(index: int, *, last: bool) -> bytes:
    return struct.pack(">QB", index, last)


def _bind_key(digest: str, size: int) -> bytes:
    return f"depot/{digest}/{size}".encode()
