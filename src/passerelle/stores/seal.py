"""The seal: encryption of data at rest, bound to its place and erasable, and keyed pseudonyms of refs.

One master key of 32 random bytes, outside the database. Subkeys are derived from it by HKDF (RFC 5869), one per use.
A sealed item is an envelope: the place of a data key of its own in the keyring, then the content under that key,
AES-256-GCM, bound to `about`, so that a ciphertext moved to another row does not open. Destroying the key in the
keyring closes every copy of the envelope. Earlier envelopes hold their key, wrapped by a subkey; so do those of a seal
without a keyring.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import struct
import sys
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passerelle.stores import cmac
from passerelle.stores.data_keys import ITEM, KEY_BYTES
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.safe_files import open_new, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from passerelle.stores.data_keys import DataKeys, KeyStore

__all__ = ["KEY_BYTES", "NONCE_BYTES", "PSEUDONYM_BYTES", "WRAPPED_BYTES", "Seal", "find_place"]

NONCE_BYTES = 12
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + 16
PSEUDONYM_BYTES = cmac.SIZE
"""128 bits: no two of a billion refs collide, and an index of them stays small."""
SEALED_WORD = "siv1:"
"""What every sealed word begins with."""
_WORDS = 4_096
"""Words of which the sealed form is remembered."""
_WITH_KEY, _IN_KEYRING = b"\x01", b"\x02"
"""First byte of every envelope: whether its key is in it, wrapped, or in the keyring."""
PLACE = struct.Struct(">cqI")
"""The head of an envelope whose key is in the keyring: `_IN_KEYRING`, block, index in the block."""
_ROOT = "root"
"""Word of the keyring for the first master key, from which most subkeys stay derived when another takes its place."""
_CHANGING = frozenset({"keyring", "wrap"})
"""Subkeys of the present master key: they lock, and what they lock is locked anew when it changes."""
_ONCE = bytes(NONCE_BYTES)
"""The nonce of all content: a data key encrypts one message only, so the pair is never used twice."""


class Seal:
    """Seals, opens and pseudonymises with one master key, which its repr does not show."""

    def __init__(self, master: bytes, keyring: KeyStore | None = None) -> None:
        if len(master) != KEY_BYTES:
            raise FatalError("incident.key.malformed")
        self._master = master
        self.keyring = keyring
        """Where the data keys are; None: in the envelopes themselves."""
        # Pseudonyms, handles, sealed words and chains are kept, here and at recipients, and go on with the first key.
        # All of them, whatever they are called: a refusal found under another pseudonym would hold nobody back.
        self._root = (keyring.read_word(_ROOT) if keyring is not None else b"") or master
        self._keys: dict[str, bytes] = {}
        self._wrapping = AESGCM(self._derive_key("wrap"))
        # the same few names stand in every batch, and in each row that is set aside
        self._seal_word = lru_cache(maxsize=_WORDS)(self._seal_word_now)
        self._open_word = lru_cache(maxsize=_WORDS)(self._open_word_now)

    @classmethod
    def from_key_file(cls, path: Path, *, create: bool) -> Self:
        """Read the key; with `create`, create one where there is none.

        Raises FatalError: `incident.key.missing`, `incident.key.malformed`, or
        `incident.key.exposed` (others may read it).
        """
        with translate_disk_errors():
            if create and not path.exists():
                _create_key_file(path, secrets.token_bytes(KEY_BYTES))
            if not path.exists():
                raise FatalError("incident.key.missing", file=path.name)
            # Mode bits say nothing on Windows, where access lists decide.
            if sys.platform != "win32" and path.stat().st_mode & 0o077:
                raise FatalError("incident.key.exposed")
            text = path.read_bytes()
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except binascii.Error:
            raise FatalError("incident.key.malformed") from None

    @property
    def master(self) -> bytes:
        """Return the master key itself, for what wraps it or writes it into a file."""
        return self._master

    def keep_key_file(self, path: Path) -> None:
        """Write the master key into a new file, for its owner alone. Raises UsageError when there is one."""
        with translate_disk_errors():
            _create_key_file(path, self._master)
        if type(self).from_key_file(path, create=False).master != self._master:
            raise UsageError("usage.file.exists", file=path.name)

    def attach(self, keyring: KeyStore) -> Self:
        """Return this seal with a keyring, in which it keeps data keys from now on."""
        return type(self)(self._master, keyring)

    def list_lasting_words(self) -> dict[str, bytes]:
        """Return what a keyring has to keep when the master key is changed, by its words for them."""
        return {_ROOT: self._root}

    def derive_keyring_key(self) -> bytes:
        """Return the key under which a keyring is wrapped."""
        return self._derive_key("keyring")

    def make_keys(self, count: int, kind: str = ITEM) -> DataKeys | None:
        """Make data keys in the keyring; None when there is no keyring. One write, however many there are."""
        if self.keyring is None or not count:
            return None
        return self.keyring.make_keys(count, time.time_ns() // 1000, kind)

    def _derive_key(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            # No salt: the master key is uniformly random already (RFC 5869, 3.1).
            info, source = b"passerelle/1/" + purpose.encode(), self._master if purpose in _CHANGING else self._root
            self._keys[purpose] = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(source)
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

    def seal_each(self, contents: Sequence[tuple[bytes, bytes]], keys: DataKeys | None = None) -> list[bytes]:
        """Seal many (content, about), each under a data key of its own, taken from `keys` where these are given."""
        keys = keys or self.make_keys(len(contents))
        if keys is not None:
            pack, block = PLACE.pack, keys.block
            return [
                pack(_IN_KEYRING, block, index) + AESGCM(key).encrypt(_ONCE, plain, about)
                for (plain, about), (index, key) in zip(contents, keys.take_each(len(contents)), strict=True)
            ]
        # One system call for all random bytes: a call per record costs more than the encryption.
        size = KEY_BYTES + NONCE_BYTES
        random_bytes = os.urandom(size * len(contents))
        envelopes = []
        for start, (plain, about) in zip(range(0, len(random_bytes), size), contents, strict=True):
            key, nonce = random_bytes[start : start + KEY_BYTES], random_bytes[start + KEY_BYTES : start + size]
            envelopes.append(_WITH_KEY + self._wrap(key, nonce, about) + AESGCM(key).encrypt(_ONCE, plain, about))
        return envelopes

    def open(self, sealed: bytes, *, about: bytes) -> bytes:
        """Open content. Raises FatalError `incident.seal.broken`: damaged, moved, or sealed with another key.

        Raises FatalError `incident.seal.destroyed` when its key was destroyed in the keyring.
        """
        key, content = self._find_key(sealed, about)
        try:
            return AESGCM(key).decrypt(_ONCE, content, about)
        except (InvalidTag, ValueError):
            raise FatalError("incident.seal.broken") from None

    def _find_key(self, sealed: bytes, about: bytes) -> tuple[bytes, bytes]:
        """Return the data key of an envelope, and its content."""
        if sealed[:1] == _WITH_KEY:
            return self.unwrap(sealed[1 : 1 + WRAPPED_BYTES], about=about), sealed[1 + WRAPPED_BYTES :]
        place = find_place(sealed)
        if place is None or self.keyring is None:
            raise FatalError("incident.seal.broken")
        key = self.keyring.find_key(*place)
        if key is None:
            raise FatalError("incident.seal.destroyed")
        return key, sealed[PLACE.size :]

    def destroy(self, envelopes: Iterable[bytes]) -> int:
        """Destroy the keys of envelopes in the keyring, and return how many there were: no copy of these opens again.

        Envelopes that hold their own key have none there.
        """
        places = [place for sealed in envelopes if (place := find_place(sealed)) is not None]
        return self.keyring.destroy(places) if self.keyring is not None and places else 0

    def seal_word(self, word: str) -> str:
        """Seal a word so that the same word gives the same text (AES-SIV, RFC 5297): for keys and groups of a table.

        Whoever reads the table without the key learns which entries are equal, and their lengths.
        """
        return self._seal_word(word)

    def _seal_word_now(self, word: str) -> str:
        # A surrogate that a supplier's JSON escaped alone has no UTF-8: it is kept all the same.
        sealed = AESSIV(self._derive_word_key()).encrypt(word.encode("utf-8", "surrogatepass"), [])
        return SEALED_WORD + base64.urlsafe_b64encode(sealed).decode()

    def open_word(self, word: str) -> str:
        """Open a sealed word; what is not sealed is returned as it is. Raises FatalError `incident.seal.broken`."""
        return self._open_word(word)

    def _open_word_now(self, word: str) -> str:
        if not word.startswith(SEALED_WORD):
            return word
        try:
            sealed = base64.urlsafe_b64decode(word.removeprefix(SEALED_WORD))
            return AESSIV(self._derive_word_key()).decrypt(sealed, []).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError):
            raise FatalError("incident.seal.broken") from None

    def _derive_word_key(self) -> bytes:
        return self._derive_key("word/mac") + self._derive_key("word/cipher")

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

    def open_pseudonym(self, purpose: str, tag: bytes) -> bytes:
        """Return the pseudonym of which this is one: those of texts of 16 bytes, and no others, open.

        What is no such pseudonym opens as bytes of chance, so that whoever looks them up finds nothing.
        """
        return cmac.open_tag(self._derive_key(f"pseudonym/{purpose}"), tag)


def find_place(sealed: bytes) -> tuple[int, int] | None:
    """Return the block and the index of an envelope's key in the keyring, from its first bytes; None: it holds it."""
    if sealed[:1] != _IN_KEYRING or len(sealed) < PLACE.size:
        return None
    _version, block, index = PLACE.unpack_from(sealed)
    return block, index


def _create_key_file(path: Path, master: bytes) -> None:
    """Create a key file atomically: write it beside its place, then link it there, never over another one."""
    make_private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open_new(draft) as stream:
            stream.write(base64.b64encode(master) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        path.hardlink_to(draft)  # unlike a rename, fails when another process was faster
    except FileExistsError:
        return  # another process created the key a moment ago: that one is used
    finally:
        draft.unlink(missing_ok=True)
        sync_folder(path.parent)
