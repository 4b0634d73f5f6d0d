"""The seal: what makes data at rest unreadable, unmovable and erasable, and turns refs into keyed pseudonyms.

One master key of 32 random bytes, outside the database. Sub-keys come from it by HKDF (RFC 5869), one for each use.
A sealed item is an envelope: a data key of its own, wrapped by the wrapping sub-key, then the content under the data
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
"""128 bits: no two of a billion refs meet, and an index of them stays small."""
_VERSION = b"\x01"
_ONCE = bytes(NONCE_BYTES)
"""A data key encrypts one message in its life, so its nonce need not vary."""


class Seal:
    """Seals, opens and pseudonymises. Its repr shows no key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise FatalError("incident.key.malformed")
        self._master = master
        self._keys: dict[str, bytes] = {}
        self._wrapping = AESGCM(self._key("wrap"))

    @classmethod
    def from_key_file(cls, path: Path, *, create: bool) -> Self:
        """Read the key; with `create`, make one where there is none.

        Raises FatalError: `incident.key.missing`, `incident.key.malformed`, or
        `incident.key.exposed` (others may read it).
        """
        with translate_disk_errors():
            if create and not path.exists():
                _create(path)
            if not path.exists():
                raise FatalError("incident.key.missing")
            if sys.platform != "win32" and path.stat().st_mode & 0o077:
                raise FatalError("incident.key.exposed")
            text = path.read_bytes()
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except binascii.Error:
            raise FatalError("incident.key.malformed") from None

    def _key(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            info = b"passerelle/1/" + purpose.encode()
            self._keys[purpose] = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._master)
        return self._keys[purpose]

    def wrap(self, key: bytes, *, about: bytes) -> bytes:
        """Wrap a data key: WRAPPED_BYTES long, bound to `about`."""
        return self._wrap(key, os.urandom(NONCE_BYTES), about)

    def _wrap(self, key: bytes, nonce: bytes, about: bytes) -> bytes:
        return nonce + self._wrapping.encrypt(nonce, key, about)

    def unwrap(self, wrapped: bytes, *, about: bytes) -> bytes:
        """Give a data key back. Raises FatalError `incident.seal.broken`."""
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about)
        except (InvalidTag, ValueError):
            raise FatalError("incident.seal.broken") from None

    def seal(self, plain: bytes, *, about: bytes) -> bytes:
        """Seal content. `about` says where it stands; the same words are needed to open it."""
        return self.seal_each(((plain, about),))[0]

    def seal_each(self, contents: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Seal many contents, each given with its `about`, each with keys of its own; chance is asked for once."""
        size = KEY_BYTES + NONCE_BYTES
        chance = os.urandom(size * len(contents))
        starts = range(0, len(chance), size)
        return [
            self._sealed(chance[start : start + KEY_BYTES], chance[start + KEY_BYTES : start + size], plain, about)
            for start, (plain, about) in zip(starts, contents, strict=True)
        ]

    def _sealed(self, key: bytes, nonce: bytes, plain: bytes, about: bytes) -> bytes:
        return _VERSION + self._wrap(key, nonce, about) + AESGCM(key).encrypt(_ONCE, plain, about)

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
        """Give 32 bytes that only the holder of the key can compute (HMAC-SHA-256)."""
        return hmac.digest(self._key(f"mac/{purpose}"), content, "sha256")

    def pseudonymise(self, purpose: str, text: str) -> bytes:
        """Give the keyed pseudonym of a text: the same for a purpose, unlinkable between purposes."""
        return self.pseudonymise_each(purpose, (text,))[0]

    def pseudonymise_each(self, purpose: str, texts: Iterable[str]) -> list[bytes]:
        """Give the pseudonyms of many texts, in order."""
        encoded = [text.encode() for text in texts]
        rows = self.pseudonymise_rows(
            purpose, b"".join(encoded), np.fromiter(map(len, encoded), np.int64, len(encoded))
        )
        whole = rows.tobytes()
        return [whole[start : start + PSEUDONYM_BYTES] for start in range(0, len(whole), PSEUDONYM_BYTES)]

    def pseudonymise_rows(self, purpose: str, texts: bytes, sizes: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Give the pseudonyms of texts that stand one after the other, one row of bytes a text.

        AES-CMAC, which a column takes in a few passes: a million records want two pseudonyms each.
        """
        return cmac.compute_tags(self._key(f"pseudonym/{purpose}"), texts, sizes)


def _create(path: Path) -> None:
    """Write a new key beside its place, then link it there: never half a key, never over another one."""
    make_private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return  # Somebody else made one a moment ago: theirs is the key.
    finally:
        draft.unlink(missing_ok=True)
        sync_folder(path.parent)
