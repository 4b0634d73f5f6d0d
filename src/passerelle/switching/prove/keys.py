"""Ed25519 keys that dossiers are signed with (RFC 8032): made here, kept by whoever signs."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from pathlib import Path


def make_key(path: Path, passphrase: str = "") -> str:
    """Write a new private key for its owner alone (PEM, PKCS 8) and return the fingerprint of its public half.

    Raises UsageError when the file exists already or cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    try:
        # A new file: a key is never written over another one, whose dossiers nobody could sign again.
        stream = open_new(path)
    except FileExistsError:
        raise UsageError("usage.file.exists", file=path.name) from None
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
    with stream:
        stream.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    return format_fingerprint(to_public(key))


def load_key(path: Path, passphrase: str = "") -> Ed25519PrivateKey:
    """Read a private key. Raises UsageError for anything else, or for a wrong passphrase."""
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError("usage.key.unusable", file=path.name) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("usage.key.unusable", file=path.name)
    return key


def to_public(key: Ed25519PrivateKey) -> str:
    """Return the public half, as base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def format_fingerprint(public: str) -> str:
    """Return what people compare by telephone: SHA-256 of the public half, in groups of four."""
    digest = hashlib.sha256(base64.b64decode(public)).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def sign(key: Ed25519PrivateKey, content: bytes) -> str:
    """Return the signature of some content, as base64."""
    return base64.b64encode(key.sign(content)).decode()


def is_signed(public: str, signature: str, content: bytes) -> bool:
    """Whether a signature is of this content and by this key."""
    try:
        raw = base64.b64decode(public, validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True
