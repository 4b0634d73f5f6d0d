"""One exchange with the transport: builds a request, reads an answer to its end.

`httpx.Client` stays out of it: merging headers, cookies, redirections and authentication are not wanted here, and for
a small record they take as long as sending it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import httpx

from passerelle.edges.http.body import read_bounded
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.ports import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""RFC 9110 §5.6.2, token."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""RFC 9110 §8.6: these say the length of their body even when there is none."""
_STANDING = {
    "connection": "keep-alive",
    "accept": "application/json",
    # Answers about records are short: compressing them is worth less than the care that inflating takes.
    "accept-encoding": "identity",
    "user-agent": "passerelle",
}


def build_request(
    method: str, url: httpx.URL, body: bytes | None, headers: Mapping[str, str], extensions: dict[str, Any]
) -> httpx.Request:
    """Make a request; names of headers are in lower case. Raises FlowError for a header that HTTP cannot carry."""
    all_headers = {"host": url.netloc.decode("ascii"), **_STANDING, **headers}
    if body or method in _WITH_BODY:
        all_headers.setdefault("content-length", str(len(body or b"")))
    sent = encode_headers(all_headers)
    return httpx.Request(method, url, headers=sent, stream=httpx.ByteStream(body or b""), extensions=extensions)


def encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as they are sent. Raises FlowError for one that HTTP cannot carry."""
    return [(_encode_name(name), _encode_value(value)) for name, value in headers.items()]


def read_reply(response: httpx.Response, limit: int, *, cuts: bool = False) -> Reply:
    """Read an answer and release its connection. Raises as `read_bounded`, and what the transport raises."""
    stream = cast("httpx.SyncByteStream", response.stream)
    try:
        headers = dict(response.headers.items())
        content = read_bounded(stream, headers.get("content-encoding", ""), limit, cuts=cuts)
    finally:
        stream.close()
    return Reply(response.status_code, headers, content)


@lru_cache(maxsize=128)
def _encode_name(text: str) -> bytes:
    if not _NAME.fullmatch(text):
        raise FlowError("incident.request.malformed")
    return text.encode("ascii")


def _encode_value(text: str) -> bytes:
    """Refuse what HTTP cannot carry before a library does so with the value in its message."""
    if not (text.isascii() and text.isprintable()):
        raise FlowError("incident.request.malformed")
    return text.encode("ascii")
