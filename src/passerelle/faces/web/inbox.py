"""Messages pushed over HTTP: `POST /flux/NAME`, one a request, answered once it is registered."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from passerelle.edges.sources.inbox import MAX_MESSAGE
from passerelle.engine.log import log
from passerelle.engine.runs.receiving import Reception
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


class MessageReceiver(Protocol):
    """The part of `engine.receiving.Receiver` that the application needs."""

    def take(self, flow: str, headers: Mapping[str, str], body: bytes) -> Reception:
        """Take one message."""
        ...


def build_application(receiver: MessageReceiver) -> Callable[..., Iterable[bytes]]:
    """Return the WSGI application. It answers 2xx for a registered message, 503 when nothing was taken: come again."""

    def answer(environ: Mapping[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        status = _receive_message(environ, receiver)
        body = json.dumps({"status": status.phrase}).encode("ascii")
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    return answer


def _receive_message(environ: Mapping[str, Any], receiver: MessageReceiver) -> HTTPStatus:
    path = environ.get("PATH_INFO", "")
    if not path.startswith(PREFIX):
        return HTTPStatus.NOT_FOUND
    if environ["REQUEST_METHOD"] != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED
    # one byte more than is taken: a body of exactly that length is then known to be too long
    body = environ["wsgi.input"].read(MAX_MESSAGE + 1)
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    try:
        return _STATUSES[receiver.take(path.removeprefix(PREFIX), headers, body)]
    except PasserelleError as error:
        # the code alone: whoever pushed is told nothing of our installation, and the log nothing of the message
        log("message_failed", code=error.code)
        return HTTPStatus.SERVICE_UNAVAILABLE
