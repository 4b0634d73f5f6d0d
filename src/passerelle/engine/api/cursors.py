"""Cursors of the API: how far a client has read, sealed for that client, contract and purpose.

A cursor names changes by their numbers, which grow in the order of commits: no clock is asked, and nothing that
commits late is passed over.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.stores.seal import SEALED_WORD
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.api.readings import ContractReading
    from passerelle.stores.seal import Seal

_FORM = "api-cursor/1"
_LONGEST = 8_000
"""Characters: a header of a request has to hold it."""


@dataclass(frozen=True, slots=True)
class ReadingPosition:
    """How far the shelves of a contract have been read, by their names."""

    reached: Mapping[str, int]
    begun: Mapping[str, int] = field(default_factory=dict)
    """In a list: the last changes when it began, from which the changes are read once the list is at its end."""
    filters: str = ""
    """In a list: what it was asked with."""


def begin_list(reading: ContractReading, filters: str) -> ReadingPosition:
    """Return the position at the beginning of a list."""
    return ReadingPosition({view.name: 0 for view in reading.views}, find_ends(reading), filters)


def find_ends(reading: ContractReading) -> dict[str, int]:
    """Return the number of the last change of each shelf."""
    return {view.name: view.scope.last for view in reading.views}


def seal_cursor(seal: Seal, reading: ContractReading, position: ReadingPosition) -> str:
    """Return a position as a client keeps it: sealed and authenticated (AES-SIV), the same for the same position."""
    content = [_FORM, *_bind(reading), position.reached, position.begun, position.filters]
    return seal.seal_word(json.dumps(content, separators=(",", ":"))).removeprefix(SEALED_WORD)


def open_cursor(seal: Seal, reading: ContractReading, text: str) -> ReadingPosition:
    """Return the position of a cursor.

    Raises RequestRefusedError: `api.cursor.unreadable` when it was edited or is somebody else's, `api.cursor.expired`
    when a shelf that it names is there no more, or is filled anew.
    """
    content = _open_content(seal, text)
    if content is None or content[:4] != [_FORM, *_bind(reading)]:
        raise RequestRefusedError("api.cursor.unreadable")
    _form, _contract, _client, _purpose, reached, begun, filters = content
    there = {view.name for view in reading.views}
    if not there.issuperset(reached):
        raise RequestRefusedError("api.cursor.expired")
    # a shelf that came since is read from its beginning
    return ReadingPosition({name: reached.get(name, 0) for name in sorted(there)}, begun, filters)


def _bind(reading: ContractReading) -> tuple[str, str, str]:
    # the client and not the token: a cursor goes on when a token is renewed
    return reading.id, reading.token.terms.client, reading.purpose.value


def _open_content(seal: Seal, text: str) -> list[Any] | None:
    if len(text) > _LONGEST or not text.isascii():
        return None
    try:
        content = json.loads(seal.open_word(SEALED_WORD + text))
    except (FatalError, ValueError):
        return None
    return content if isinstance(content, list) and len(content) == 7 else None
