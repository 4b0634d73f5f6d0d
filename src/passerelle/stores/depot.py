"""The depot: received bytes, sealed, one file per parcel, named by its digest; where files lie is `DepositPlace`'s.

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
from pathlib import Path
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passerelle.stores.data_keys import DEPOSIT
from passerelle.stores.deposit_content import (
    CHUNK,
    TAG,
    DepositContent,
    DepositHead,
    bind_chunk,
    iter_chunks,
    make_nonce,
    translate_read_errors,
)
from passerelle.stores.deposit_place import DRAFT, DepositFolder, read_beginning
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.stores.seal import KEY_BYTES, NONCE_BYTES, WRAPPED_BYTES
from passerelle.vocabulary.errors import FatalError, ParcelError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from datetime import datetime

    from passerelle.stores.deposit_place import DepositPlace
    from passerelle.stores.seal import Seal

_SIGNATURE, _IN_KEYRING = b"PSDEPOT\x01", b"PSDEPOT\x02"
_LENGTHS = struct.Struct(">QI")
_HEAD = len(_SIGNATURE) + WRAPPED_BYTES + _LENGTHS.size
_NAME_NONCE = b"\xff" * NONCE_BYTES
"""The nonce of the name; chunks count from 0, so none has the same."""
_TAG_NONCE = b"\xfe" * NONCE_BYTES
_PLACE = struct.Struct(">qI")
_BEGINNING = len(_IN_KEYRING) + _PLACE.size
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DRAFT_SECONDS = 86_400
"""No parcel takes a day to receive: an older draft was left by a process that died."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """A parcel put into the depot: the SHA-256 of its bytes in hexadecimal, and their number."""

    digest: str
    size: int


class Depot:
    """A folder of sealed parcels, or a place like one, shared by all flows: the same bytes are kept once."""

    def __init__(self, place: Path | DepositPlace, seal: Seal) -> None:
        self._place: DepositPlace = DepositFolder(place) if isinstance(place, Path) else place
        self._seal = seal
        with translate_disk_errors():
            make_private_folder(self._place.drafts)

    def put(self, stream: IO[bytes], *, name: str) -> Deposit:
        """Store the bytes of a stream durably. Bytes that are already there keep the name they first came with.

        A deposit that does not open any more is replaced: the same bytes have come again, and heal it. Memory: two
        chunks. Raises FatalError `incident.disk.*`, `incident.depot.*`, TransientError `incident.depot.away`;
        exceptions of the stream pass through unchanged.
        """
        with self._lend_draft() as draft:
            with self._create_private(draft) as target:
                deposit = self._write_deposit(stream, target, name)
            if not self._place.put_new(draft, deposit.digest):
                self._compare(draft, deposit.digest)
        hit_failpoint("collect.copied")
        return deposit

    def _compare(self, draft: Path, digest: str) -> None:
        """Keep what has the name of a draft already, unless it does not open: then the draft replaces it."""
        # Where the answer to a first try was lost, what is there is the draft itself: its key stays.
        ours, there = _read_key_place(read_beginning(draft, _BEGINNING)), self._find_key_place(digest)
        if self.is_sound(digest):
            if there != ours:
                self._destroy_key(ours)
            return
        if there != ours:
            self._destroy_key(there)
        self._place.replace(draft, digest)

    @contextmanager
    def _lend_draft(self) -> Iterator[Path]:
        """Yield a name for a draft, which is gone afterwards."""
        draft = self._place.drafts / f"{secrets.token_hex(16)}{DRAFT}"
        try:
            yield draft
        finally:
            with translate_disk_errors():
                draft.unlink(missing_ok=True)

    def open(self, digest: str) -> IO[bytes]:
        """Open a parcel for reading, seekable; a chunk is verified before any byte of it is returned.

        Raises ParcelError `incident.deposit.missing` or `incident.deposit.broken`, also while reading.
        """
        file = self._open_file(digest)
        try:
            content = DepositContent(file, self._read_head(file, digest))
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
        return self._place.has(_check_digest(digest))

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
        _check_digest(digest)
        # the key first: killed in between, a file is left that nothing opens
        self._destroy_key(self._find_key_place(digest), retires=keeps_key)
        self._place.remove(digest)

    def list_key_places(self) -> list[tuple[int, int]]:
        """List the places in the keyring of the keys of all files, drafts of this machine included."""
        beginnings = [read_beginning(path, _BEGINNING) for path in self._list_drafts()]
        names = [name for name, _written in self._place.list_files() if not name.endswith(DRAFT)]
        beginnings += self._place.read_beginnings(names, _BEGINNING)
        return [place for each in beginnings if (place := _read_key_place(each)) is not None]

    def list_with_own_key(self) -> list[str]:
        """List the digests of the parcels whose file holds its key, from before there was a keyring."""
        digests = self.list_digests()
        beginnings = self._place.read_beginnings(digests, _BEGINNING)
        return [name for name, each in zip(digests, beginnings, strict=True) if _read_key_place(each) is None]

    def seal_again(self, digest: str) -> None:
        """Write a parcel anew, its key in the keyring. Raises ParcelError when it does not open."""
        with self._lend_draft() as draft:
            with self.open(digest) as stream, self._create_private(draft) as target:
                self._write_deposit(stream, target, self.read_name(digest))
            self._place.replace(draft, digest)

    def list_digests(self) -> list[str]:
        """List the digests of all parcels in the depot, sorted."""
        return sorted(name for name, _written in self._place.list_files() if _DIGEST.fullmatch(name))

    def list_older(self, moment: datetime) -> list[str]:
        """List the digests of the parcels whose files were written before `moment`, sorted."""
        return sorted(
            name
            for name, written in self._place.list_files()
            if _DIGEST.fullmatch(name) and written < moment.timestamp()
        )

    def sweep(self, now: datetime) -> int:
        """Remove drafts that dead processes left and return their number."""
        # A younger draft may belong to a process that is still receiving.
        oldest = now.timestamp() - _DRAFT_SECONDS
        self._place.sweep(oldest)
        with translate_disk_errors():
            drafts = [path for path in self._list_drafts() if path.stat().st_mtime < oldest]
            for path in drafts:
                path.unlink(missing_ok=True)
        return len(drafts)

    def sweep_unnamed(self, named: Container[str], now: datetime) -> int:
        """Remove what nothing names any more and is no work in progress; return how many."""
        oldest = now.timestamp() - _DRAFT_SECONDS
        left = [
            name
            for name, written in self._place.list_files()
            if _DIGEST.fullmatch(name) and name not in named and written < oldest
        ]
        for name in left:
            self._place.remove(name)
        return len(left)

    def close(self) -> None:
        """Let go of connections, where there are any."""
        self._place.close()

    def _list_drafts(self) -> list[Path]:
        with translate_disk_errors():
            return list(self._place.drafts.glob(f"*{DRAFT}"))

    def _find_key_place(self, digest: str) -> tuple[int, int] | None:
        return _read_key_place(self._place.read_beginnings([digest], _BEGINNING)[0])

    def _destroy_key(self, place: tuple[int, int] | None, *, retires: bool = False) -> None:
        keyring = self._seal.keyring
        if place is None or keyring is None:
            return
        if retires:
            keyring.retire(place[0], time.time_ns() // 1000)
        else:
            keyring.destroy([place])

    def _open_file(self, digest: str) -> IO[bytes]:
        try:
            return self._place.open(_check_digest(digest))
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
        for index, chunk, last in iter_chunks(stream):
            digest.update(chunk)
            size += len(chunk)
            with translate_disk_errors():
                target.write(cipher.encrypt(make_nonce(index), chunk, bind_chunk(index, last=last)))
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

    def _read_head(self, file: IO[bytes], digest: str) -> DepositHead:
        with translate_read_errors(digest):
            head = file.read(_HEAD)
        if len(head) != _HEAD or not head.startswith((_SIGNATURE, _IN_KEYRING)):
            raise ParcelError("incident.deposit.broken", parcel=digest)
        size, name_length = _LENGTHS.unpack_from(head, _HEAD - _LENGTHS.size)
        try:
            key = self._find_key(head, digest, size)
            with translate_read_errors(digest):
                name = AESGCM(key).decrypt(_NAME_NONCE, file.read(name_length), b"name")
        except (FatalError, InvalidTag, ValueError, OverflowError, MemoryError):
            raise ParcelError("incident.deposit.broken", parcel=digest) from None
        return DepositHead(key, size, name.decode("utf-8", "surrogateescape"), _HEAD + name_length)

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
        AESGCM(key).decrypt(_TAG_NONCE, field[_PLACE.size : _PLACE.size + TAG], bound)
        return key


def _read_key_place(beginning: bytes) -> tuple[int, int] | None:
    """Return where in the keyring the key of a file is; None when it is not there, or there is no such file."""
    if len(beginning) != _BEGINNING or not beginning.startswith(_IN_KEYRING):
        return None
    block, index = _PLACE.unpack_from(beginning, len(_IN_KEYRING))
    return block, index


def is_deposit(name: str) -> bool:
    """Whether a name is one that a deposit has."""
    return _DIGEST.fullmatch(name) is not None


def _check_digest(digest: str) -> str:
    # A digest may come from a command line: only hexadecimal, so that it cannot name another file.
    if not _DIGEST.fullmatch(digest):
        raise ParcelError("incident.deposit.missing")
    return digest


def _bind_key(digest: str, size: int) -> bytes:
    return f"depot/{digest}/{size}".encode()
