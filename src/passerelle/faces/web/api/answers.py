"""Answers of the API: JSON, or a problem (RFC 9457) in French or in English. None holds a word that a client sent."""

from __future__ import annotations

import json
import zlib
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from passerelle.contracts.publishing.api_answers import PROBLEM_TYPE
from passerelle.vocabulary.language import LANGUAGES, get_current

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.engine.api.live_api import ApiContent
    from passerelle.engine.api.refusals import RequestRefusedError

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        # nothing in between keeps records, whoever they were for
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
    }
)
JSON = "application/json"
LINES = "application/x-ndjson"
_GZIP = 31
"""What zlib calls the form of gzip."""


def answer_content(answer: ApiContent) -> Response:
    """Return an answer with records, or that the client has the record as it is."""
    headers = {**HEADERS, "Passerelle-Purpose": answer.purpose}
    if answer.since is not None:
        headers["Passerelle-Since"] = answer.since.isoformat(timespec="seconds")
    if answer.etag:
        headers["ETag"] = answer.etag
    if answer.location:
        located = {**headers, "Location": answer.location}
        return Response((answer.content or "").encode(), HTTPStatus.ACCEPTED, located, media_type=JSON)
    if answer.content is None:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(answer.content.encode(), headers=headers, media_type=JSON)


def answer_lines(lines: Iterator[str], purpose: str, *, packed: bool) -> Response:
    """Return a stream of lines, packed with gzip where the client takes it."""
    headers = {**HEADERS, "Passerelle-Purpose": purpose, **({"Content-Encoding": "gzip"} if packed else {})}
    encoded = (text.encode() for text in lines)
    return StreamingResponse(_pack(encoded) if packed else encoded, headers=headers, media_type=LINES)


def _pack(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=_GZIP)
    for piece in pieces:
        # what is there goes out: a client that waits for a line has it
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def answer_problem(refusal: RequestRefusedError, allowed: str = "") -> Response:
    """Return the answer for a request that is refused; `allowed` are the methods that the path takes."""
    headers = {**HEADERS, "Content-Language": get_current()}
    if refusal.status is HTTPStatus.UNAUTHORIZED:
        is_known = refusal.code != "api.token.missing"
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if is_known else "Bearer"
    if refusal.retry_after:
        headers["Retry-After"] = str(refusal.retry_after)
    if allowed:
        headers["Allow"] = allowed
    body = json.dumps(refusal.describe(), ensure_ascii=False).encode()
    return Response(body, refusal.status, headers, media_type=PROBLEM_TYPE)


def choose_language(accepted: str, usual: str) -> str:
    """Return the language of ours that a header Accept-Language prefers; `usual` where it names none."""
    best, language = 0.0, usual
    for part in accepted.split(","):
        name, _semicolon, weight = part.partition(";")
        code = name.strip()[:2].lower()
        quality = _read_quality(weight)
        if code in LANGUAGES and quality > best:
            best, language = quality, code
    return language


def is_accepted(accepted: str, media_type: str) -> bool:
    """Whether a header Accept takes a media type; an empty one takes everything."""
    if not accepted.strip():
        return True
    kind = media_type.partition("/")[0]
    wanted = {media_type: 3, f"{kind}/*": 2, "*/*": 1}
    found: list[tuple[int, float]] = []
    for part in accepted.split(","):
        name, _semicolon, weight = part.partition(";")
        if (precision := wanted.get(name.strip().lower())) is not None:
            found.append((precision, _read_quality(weight)))
    # the most precise name counts: «*/*, application/json;q=0» takes everything else
    return bool(found) and max(found)[1] > 0


def _read_quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _equals, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value.strip())
            except ValueError:
                return 0.0
    return 1.0
