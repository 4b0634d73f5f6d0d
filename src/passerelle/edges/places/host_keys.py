"""Pinned host keys of SSH servers: read from what people have at hand, compared with what a server shows.

A fingerprint is written as OpenSSH writes it: `SHA256:` and the digest of the public key in Base64 without padding.
"""

from __future__ import annotations

import base64
import hashlib
import re

from passerelle.vocabulary.light_dataclass import dataclass

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}\Z")
_KIND = re.compile(r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+\Z")


@dataclass(frozen=True, slots=True)
class PinnedHostKey:
    """The fingerprint of a key, and its kind (`ssh-ed25519`) where that is known, else an empty text."""

    fingerprint: str
    kind: str = ""


def read_host_key(text: str) -> PinnedHostKey:
    """Read a fingerprint, with or without its kind before it, a public key, or a line of `known_hosts`.

    Raises ValueError when the text is none of these.
    """
    words = text.split()
    for place, word in enumerate(words):
        kind = words[place - 1] if place and _KIND.match(words[place - 1]) else ""
        if _FINGERPRINT.match(word):
            return PinnedHostKey(word, kind)
        # What follows a kind is the key itself. A fingerprint in MD5 is none: it can be forged.
        if kind:
            return PinnedHostKey(_take_fingerprint(word, kind), kind)
    message = "no host key"
    raise ValueError(message)


def _take_fingerprint(text: str, kind: str) -> str:
    """Return the fingerprint of a public key in Base64. RFC 4253 §6.6: it begins with its own kind."""
    blob = base64.b64decode(text, validate=True)
    if not blob.startswith(len(kind).to_bytes(4, "big") + kind.encode()):
        message = "no public key of this kind"
        raise ValueError(message)
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
