"""Where a supplier's answers say, in their JSON, what became of each record."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003  evaluated where suppliers are described
from dataclasses import field
from types import MappingProxyType
from typing import Any

from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Answer, Fate

_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_LONG_NUMBER = re.compile(r"[0-9]{5}")
"""What could be somebody's number is not kept as a code."""
_REMOTE_LENGTH = 200
_STATUS = re.compile(r"[1-5][0-9]{2}(?![0-9])")
_TAKEN = Answer(Fate.DELIVERED)
_UNKNOWN = Answer(Fate.UNKNOWN, "deliver.answer.missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRules:
    """How to read an answer. Paths are dotted, a number is a place in a list; the first that is there counts."""

    results: str | None = None
    """Path of the list of results, one a group of records, in order (`""`: the answer itself). None: one result."""
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    """Member of a result → its values that mean «refused»."""
    status: str = ""
    """Path, in a result, of an HTTP status of its own: a number, or a text that begins with one (`201 Created`). From
    400 on the record was refused; without a status nobody knows."""
    errors: str = ""
    """Path of what is there, and not empty, only when the record was refused."""
    code: tuple[str, ...] = ("code", "errors.0.code", "0.code")
    """Where a refusal names its reason. Only what looks like a code is ever kept."""
    already: tuple[str, ...] = ()
    """Codes of a refusal that say «taken before, under the same number»: a record's first version is delivered then."""
    id: tuple[str, ...] = ("id",)
    """Where the other side's own id stands."""


def find_results(says: ResponseRules, document: Any, groups: int) -> list[Any] | None:
    """Return one result a group; None when the answer does not have one for each."""
    if says.results is None:
        return [document] if groups == 1 else None
    found = find_member(document, says.results) if says.results else document
    return found if isinstance(found, list) and len(found) == groups else None


def read_response(says: ResponseRules, result: Any, *, status: int, first: bool) -> Answer:
    """Return the answer for a record; `first`: its first version. `status` is 4xx when the whole answer refuses."""
    # HTTP 200 only says that a batch was read: each of its entries has a status of its own.
    if says.status and status < 400:
        own = _STATUS.match(str(find_member(result, says.status)))
        if own is None:
            return _UNKNOWN
        status = int(own[0])
    refused = any(str(find_member(result, member)) in values for member, values in says.refused.items())
    if status < 400 and not refused and not (says.errors and find_member(result, says.errors)):
        return Answer(Fate.DELIVERED, remote_id=clean_remote_id(_find_first(result, says.id)))
    code = clean_code(_find_first(result, says.code))
    # Of a later version the same code is a refusal: what the other side has is the version before.
    if first and code and code in says.already:
        return _TAKEN
    if code:
        return Answer(Fate.REFUSED, "deliver.record.refused_with_code", {"status": str(status), "code": code})
    return Answer(Fate.REFUSED, "deliver.record.refused", {"status": str(status)})


def find_member(document: Any, path: str) -> Any:
    """Return the value at a dotted path; None when there is none."""
    for step in path.split("."):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def clean_code(value: object) -> str:
    """Keep what looks like a code, and nothing else of what the other side wrote."""
    # To Python, True is a number.
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _CODE.fullmatch(text) and not _LONG_NUMBER.search(text) else ""


def clean_remote_id(value: object) -> str:
    """Keep the other side's own id, if it is one that can be stored and shown."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if len(text) <= _REMOTE_LENGTH and text.isprintable() else ""


def _find_first(document: Any, paths: tuple[str, ...]) -> Any:
    return next((found for path in paths if (found := find_member(document, path)) is not None), None)
