"""One request and one answer, without a socket: what both halves of the stand-in speak."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

CUT = 0
"""Status of an answer that is never sent: the connection is cut instead."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came in. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: a JSON body, or none."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Answer]


def refusal(status: int, code: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Refuse with a code, as both systems do."""
    return Answer(status, {"code": code}, headers or {})
