"""A door that suppliers knock at themselves: what is too big, and what proves who speaks."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.vocabulary.ports import Arrival

MAX_MESSAGE = 1 << 20
"""Bytes of a pushed message; more is refused before anything is computed."""
MIN_SECRET = 16
"""Characters of a shared secret below which it can be guessed."""


@dataclass(frozen=True, slots=True)
class InboxSource:
    """Nothing is ever fetched: what was pushed is registered already."""

    def arrivals(self, _cursor: str) -> Iterator[Arrival]:
        """Give nothing."""
        return iter(())


def proven(body: bytes, proof: str, secrets: Sequence[str]) -> bool:
    """Say whether `proof` is the hexadecimal HMAC-SHA256 of the raw body under one of the secrets.

    Several secrets: the present one and the one before, so that both sides need not change at the same instant. All are
    computed and compared in constant time.
    """
    given = proof.strip().lower().removeprefix("sha256=").encode("utf-8", "replace")
    signatures = [hmac.new(secret.encode(), body, sha256).hexdigest().encode("ascii") for secret in secrets]
    return sum(hmac.compare_digest(signature, given) for signature in signatures) > 0
