"""The letter box over HTTP: `POST /flux/NAME`, one message a request, answered only when it is safe."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from passerelle.edges.sources.inbox import MAX_MESSAGE
from passerelle.engine.log import log
from passerelle.engine.receiving import Reception
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PREFIX = "/flux/"
_STATUSES = {
    Reception.TAKEN: HTTPStatus.ACCEPTED,
    Reception.KNOWN: HTTPStatus.ACCEPTED,
    Reception.UNPROVEN: HTTPStatus.UNAUTHORIZED,
    Reception.TOO_BIG: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Reception.NOWHERE: HTTPStatus.NOT_FOUND,
}


class Takes(Protocol):
    """What `engine.receiving.Receiver` is, seen from here."""

    def take(self, flow: str, headers: Mapping[str, str], body: bytes) -> Reception:
        """Take one message."""
        ...


def application(receiver: Takes) -> Callable[..., Iterable[bytes]]:
    """Make the WSGI application. An answer of 2xx means: registered; 503: nothing was taken, come again."""

    def answer(environ: Mapping[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        status = _answer(environ, receiver)
        body = json.dumps({"status": status.phrase}).encode("ascii")
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    return answer


def _answer(environ: Mapping[str, Any], receiver: Takes) -> HTTPStatus:
    path = environ.get("PATH_INFO", "")
    if not path.startswith(PREFIX):
        return HTTPStatus.NOT_FOUND
    if environ["REQUEST_METHOD"] != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED
    body = environ["wsgi.input"].read(MAX_MESSAGE + 1)
    try:
        return _STATUSES[receiver.take(path.removeprefix(PREFIX), _headers(environ), body)]
    except PasserelleError as error:
        log("message_failed", code=error.code)
        return HTTPStatus.SERVICE_UNAVAILABLE


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    return {
        key.removeprefix("HTTP_").replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
