"""The seal: encryption of data at rest, bound to its place and erasable, and keyed pseudonyms of refs.

One master key of 32 random bytes, outside the database. Subkeys are derived from it by HKDF (RFC 5869), one per use.
A sealed item is an envelope: a data key of its own, wrapped by the wrapping subkey, then the content under the data
key; both AES-256-GCM, both bound to `about`, so that a ciphertext moved to another row does not open. Destroying the
envelope destroys the data key: nothing else can open copies of the content alone.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import sys
from typing import TYPE_CHECKING, Self

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passerelle.stores import cmac
from passerelle.stores.disk import make_private_folder, sync_folder, translate_disk_errors
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

KEY_BYTES = 32
NONCE_BYTES = 12
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + 16
PSEUDONYM_BYTES = cmac.SIZE
"""128 bits: no two of a billion refs collide, and an index of them stays small."""
_VERSION = b"\x01"
"""First byte of every envelope, so that its format can change."""
_ONCE = bytes(NONCE_BYTES)
"""The nonce of all content: a data key encrypts one message only, so the pair is never used twice."""


class Seal:
    """Seals, opens and pseudonymises with one master key, which its repr does not show."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise FatalError("incident.key.malformed")
        self._master = master
        self._keys: dict[str, bytes] = {}
        self._wrapping = AESGCM(self._derive_key("wrap"))

    @classmethod
    def from_key_file(cls, path: Path, *, create: bool) -> Self:
        """Read the key; with `create`, create one where there is none.

        Raises FatalError: `incident.key.missing`, `incident.key.malformed`, or
        `incident.key.exposed` (others may read it).
        """
        with translate_disk_errors():
            if create and not path.exists():
                _create_key_file(path)
            if not path.exists():
                raise FatalError("incident.key.missing")
            # Mode bits say nothing on Windows, where access lists decide.
            if sys.platform != "win32" and path.stat().st_mode & 0o077:
                raise FatalError("incident.key.exposed")
            text = path.read_bytes()
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except binascii.Error:
            raise FatalError("incident.key.malformed") from None

    def _derive_key(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            # No salt: the master key is uniformly random already (RFC 5869, 3.1).
            info = b"passerelle/1/" + purpose.encode()
            self._keys[purpose] = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._master)
        return self._keys[purpose]

    def wrap(self, key: bytes, *, about: bytes) -> bytes:
        """Wrap a data key, bound to `about`; returns WRAPPED_BYTES bytes."""
        return self._wrap(key, os.urandom(NONCE_BYTES), about)

    def _wrap(self, key: bytes, nonce: bytes, about: bytes) -> bytes:
        return nonce + self._wrapping.encrypt(nonce, key, about)

    def unwrap(self, wrapped: bytes, *, about: bytes) -> bytes:
        """Unwrap a data key. Raises FatalError `incident.seal.broken`."""
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about)
        except (InvalidTag, ValueError):
            raise FatalError("incident.seal.broken") from None

    def seal(self, plain: bytes, *, about: bytes) -> bytes:
        """Seal content. `about` names its place; the same bytes are needed to open it."""
        return self.seal_each(((plain, about),))[0]

    def seal_each(self, contents: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Seal many (content, about), each under a data key of its own."""
        # One system call for all random bytes: a call per record costs more than the encryption.
        size = KEY_BYTES + NONCE_BYTES
        random_bytes = os.urandom(size * len(contents))
        envelopes = []
        for start, (plain, about) in zip(range(0, len(random_bytes), size), contents, strict=True):
            key, nonce = random_bytes[start : start + KEY_BYTES], random_bytes[start + KEY_BYTES : start + size]
            envelopes.append(_VERSION + self._wrap(key, nonce, about) + AESGCM(key).encrypt(_ONCE, plain, about))
        return envelopes

    def open(self, sealed: bytes, *, about: bytes) -> bytes:
        """Open content. Raises FatalError `incident.seal.broken`: damaged, moved, or sealed with another key."""
        if sealed[:1] != _VERSION:
            raise FatalError("incident.seal.broken")
        key = self.unwrap(sealed[1 : 1 + WRAPPED_BYTES], about=about)
        try:
            return AESGCM(key).decrypt(_ONCE, sealed[1 + WRAPPED_BYTES :], about)
        except (InvalidTag, ValueError):
            raise FatalError("incident.seal.broken") from None

    def compute_mac(self, purpose: str, content: bytes) -> bytes:
        """Return the HMAC-SHA-256 of content under a key of this purpose, 32 bytes."""
        return hmac.digest(self._derive_key(f"mac/{purpose}"), content, "sha256")

    def pseudonymise(self, purpose: str, text: str) -> bytes:
        """Return the keyed pseudonym of a text: stable within a purpose, unlinkable between purposes."""
        return self.pseudonymise_each(purpose, (text,))[0]

    def pseudonymise_each(self, purpose: str, texts: Iterable[str]) -> list[bytes]:
        """Return the pseudonyms of many texts, in order."""
        encoded = [text.encode() for text in texts]
        rows = self.pseudonymise_rows(
            purpose, b"".join(encoded), np.fromiter(map(len, encoded), np.int64, len(encoded))
        )
        tags = rows.tobytes()
        return [tags[start : start + PSEUDONYM_BYTES] for start in range(0, len(tags), PSEUDONYM_BYTES)]

    def pseudonymise_rows(self, purpose: str, texts: bytes, sizes: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the pseudonyms of concatenated texts of these sizes, one row of bytes per text.

        AES-CMAC, computed for a whole column in a few passes: a million records need two pseudonyms each.
        """
        return cmac.compute_tags(self._derive_key(f"pseudonym/{purpose}"), texts, sizes)


def _create_key_file(path: Path) -> None:
    """Create a key file atomically: write it beside its place, then link it there, never over another one."""
    make_private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        path.hardlink_to(draft)  # unlike a rename, fails when another process was faster
    except FileExistsError:
        return  # another process created the key a moment ago: that one is used
    finally:
        draft.unlink(missing_ok=True)
        sync_folder(path.parent)
