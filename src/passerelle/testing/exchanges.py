"""Saved exchanges: what a connector asked an API and what it was answered, as plain JSON that people can read.

    {"format": "passerelle.exchanges/1", "connector": "…", "settings": {…},
     "exchanges": [{"request": {"method": "GET", "path": "…", "query": [["name", "value"]], "headers": ["accept"]},
                    "response": {"status": 200, "headers": {"content-type": "application/json"}, "json": {…}}}]}

A request that carries a body has it under `json`; an answer that is not JSON has it under `text`. Signing in is never
saved: whoever plays the exchanges hands out tokens of its own, as the connector's `Access` says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FORMAT = "passerelle.exchanges/1"
FOLDER = "tests/exchanges"
"""Where a plugin keeps them: a file a connector, `<connector>.json`."""
_UP = 4
"""How many folders above its samples a plugin's saved exchanges may stand."""


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """What was asked. Header names only: their values may be secrets."""

    method: str
    path: str
    """Relative to the base URL, without a leading slash and without its query."""
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Any = field(default=None, repr=False)
    """The JSON that was sent; None for none."""
    headers: tuple[str, ...] = ()

    @classmethod
    def from_target(
        cls, method: str, target: str, body: bytes | None = None, headers: Sequence[str] = ()
    ) -> RecordedRequest:
        """Read a request from the target of its first line, or from what a client was asked for."""
        parts = urlsplit(target)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        return cls(method, parts.path.lstrip("/"), query, _parse_json(body), tuple(headers))

    def to_text(self, without: str = "") -> str:
        """Return the body in normal form, without the member that holds a token."""
        return json.dumps(_drop_member(self.body, without), sort_keys=True)

    def is_same(self, other: RecordedRequest, *, without: str = "") -> bool:
        """Whether both ask the same; `without` is a member of the body that does not count: a token."""
        mine, theirs = ((one.method, one.path, sorted(one.query)) for one in (self, other))
        return mine == theirs and _drop_member(self.body, without) == _drop_member(other.body, without)


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """What was answered."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    request: RecordedRequest
    response: RecordedResponse


@dataclass(frozen=True, slots=True)
class Recording:
    """What one reading of an API was, from the first request to the last."""

    connector: str
    exchanges: tuple[Exchange, ...]
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The connector's own settings under which it asked."""


def find_exchanges(sample: Path, connector_id: str) -> Path | None:
    """Find the saved exchanges of a connector in the plugin that a sample belongs to."""
    places = (folder / FOLDER / f"{connector_id}.json" for folder in sample.parents[:_UP])
    return next((path for path in places if path.is_file()), None)


def read_exchanges(path: Path) -> Recording:
    """Read saved exchanges. Raises ValueError, without a word of theirs, when the file is something else."""
    try:
        document = json.loads(path.read_bytes())
        exchanges = {FORMAT: document["exchanges"]}[document["format"]]
        return Recording(document["connector"], tuple(map(_parse_exchange, exchanges)), document.get("settings", {}))
    except (ValueError, KeyError, TypeError, AttributeError):
        # The parser's own message quotes the file, which may hold values.
        message = f"this is not a file of the format {FORMAT}"
        raise ValueError(message) from None


def format_exchanges(recording: Recording) -> str:
    """Write a recording as the text of its file."""
    document = {
        "format": FORMAT,
        "connector": recording.connector,
        "settings": dict(recording.settings),
        "exchanges": [_to_entry(exchange) for exchange in recording.exchanges],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _parse_exchange(entry: Mapping[str, Any]) -> Exchange:
    asked, answered = entry["request"], entry["response"]
    query = tuple((str(name), str(value)) for name, value in asked.get("query", ()))
    body = json.dumps(answered["json"], ensure_ascii=False) if "json" in answered else answered.get("text", "")
    request = RecordedRequest(asked["method"], asked["path"], query, asked.get("json"), tuple(asked.get("headers", ())))
    return Exchange(
        request, RecordedResponse(int(answered["status"]), body.encode(), dict(answered.get("headers", {})))
    )


def _to_entry(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    asked: dict[str, Any] = {"method": request.method, "path": request.path}
    asked |= {"query": [list(pair) for pair in request.query]} if request.query else {}
    asked |= {"headers": list(request.headers)} if request.headers else {}
    asked |= {"json": request.body} if request.body is not None else {}
    content = _parse_json(response.body)
    # JSON stays JSON in the file, so that a person can read what was scrubbed.
    answered = {"text": response.body.decode("utf-8", "replace")} if content is None else {"json": content}
    return {"request": asked, "response": {"status": response.status, "headers": dict(response.headers), **answered}}


def _parse_json(body: bytes | None) -> Any:
    """Read a body as JSON; None when there is none, or it is something else."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _drop_member(body: Any, member: str) -> Any:
    return {name: value for name, value in body.items() if name != member} if isinstance(body, dict) else body
