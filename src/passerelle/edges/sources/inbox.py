"""A door that suppliers knock at themselves: what is too big, and what proves who speaks."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_MESSAGE = 1 << 20
"""Bytes of a pushed message; more is refused before anything is computed."""
MIN_SECRET = 16
"""Characters of a shared secret below which it can be guessed."""


@dataclass(frozen=True, slots=True)
class InboxSource:
    """Nothing is ever fetched: what was pushed is registered already."""

    def iter_arrivals(self, _cursor: str) -> Iterator[Arrival]:
        """Yield nothing."""
        return iter(())


@dataclass(frozen=True, slots=True)
class MessageSource:
    """One message that was pushed, and proven: the sender's own words for it are not needed."""

    body: bytes = field(repr=False)

    def iter_arrivals(self, _cursor: str) -> Iterator[Arrival]:
        """Yield the message."""
        # Nothing to do afterwards: the answer to the sender is the acknowledgement.
        yield Arrival("message", partial(BytesIO, self.body), lambda: None)


def is_proven(body: bytes, proof: str, secrets: Sequence[str]) -> bool:
    """Whether `proof` is the hexadecimal HMAC-SHA256 of the raw body under one of the secrets.

    Several secrets: the present one and the one before, so that both sides need not change at the same instant. All are
    computed and compared in constant time.
    """
    given = proof.strip().lower().removeprefix("sha256=").encode("utf-8", "replace")
    signatures = [hmac.new(secret.encode(), body, sha256).hexdigest().encode("ascii") for secret in secrets]
    return sum(hmac.compare_digest(signature, given) for signature in signatures) > 0
