"""A door that suppliers knock at themselves: what is too big, and what proves who speaks."""

from __future__ import annotations

import hmac
import json
from dataclasses import field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.arrivals import NO_MARKS, ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import timedelta

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
    marks: ArrivalMarks = NO_MARKS

    def iter_arrivals(self, _cursor: str) -> Iterator[Arrival]:
        """Yield the message."""
        # Nothing to do afterwards: the answer to the sender is the acknowledgement.
        yield Arrival("message", partial(BytesIO, self.body), lambda: None, marks=self.marks)


def mark_message(
    body: bytes, headers: Mapping[str, str], named: Sequence[str], within: timedelta, now: datetime
) -> ArrivalMarks:
    """Return what makes a message the one that was taken before, when its sender did not hear our answer.

    `named` are headers, or paths in the JSON body (`meta.timestamp`), that number or date a message: with the same and
    the same bytes it is a repetition, for ever. Without any, the same bytes are a repetition `within` a time.
    """
    digest = sha256(body).hexdigest()
    numbers = {name: headers.get(name.lower(), "") for name in named}
    inside = {name: _read_member(body, name) for name, value in numbers.items() if not value}
    # With the bytes: two messages may be of the same second.
    marks = [
        Mark(f"message/{name}/{value}/{digest}", kind=MarkKind.EVER)
        for name, value in {**numbers, **inside}.items()
        if value
    ]
    if any(inside.values()):
        return ArrivalMarks(tuple(marks), unmarked_since=datetime.min.replace(tzinfo=UTC))
    return ArrivalMarks(tuple(marks) or (Mark(f"body/{digest}", within=within),), unmarked_since=now - within)


def read_named(body: bytes, headers: Mapping[str, str], name: str) -> str:
    """Return what a message says under a name: of a header, or the path of a member of its JSON body."""
    return headers.get(name.lower(), "") or _read_member(body, name)


def read_moment(text: str) -> datetime | None:
    """Return a moment written as ISO 8601 with an offset, or as seconds since 1970; None for any other writing."""
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else None


def _read_member(body: bytes, path: str) -> str:
    """Return a text or number of a JSON body; empty when there is none, or the body is no JSON."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def is_proven(body: bytes, proof: str, secrets: Sequence[str]) -> bool:
    """Whether `proof` is the hexadecimal HMAC-SHA256 of the raw body under one of the secrets.

    Several secrets: the present one and the one before, so that both sides need not change at the same instant. All are
    computed and compared in constant time.
    """
    given = proof.strip().lower().removeprefix("sha256=").encode("utf-8", "replace")
    signatures = [hmac.new(secret.encode(), body, sha256).hexdigest().encode("ascii") for secret in secrets]
    return sum(hmac.compare_digest(signature, given) for signature in signatures) > 0
