"""Requests to a server that holds files and speaks HTTP: checked addresses, verified TLS, a deadline for each step.

The client for APIs reads whole answers and repeats what is safe for records; files come and go in pieces, of any size.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import field
from time import monotonic
from typing import TYPE_CHECKING, Protocol, cast

import httpx

from passerelle.edges.http.address import parse_base_address
from passerelle.edges.http.body import GarbledError
from passerelle.edges.http.network import limit_until, make_guarded_transport
from passerelle.edges.http.policy import Policy
from passerelle.edges.http.wire import encode_headers, read_reply
from passerelle.edges.places.pieces import PIECE
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from passerelle.vocabulary.ports import Reply

CONNECT_SECONDS = 30.0
STEP_SECONDS = 60.0
"""For one step: a listing, a rename, a piece of a file."""
_STANDING = {"user-agent": "passerelle", "accept-encoding": "identity", "connection": "keep-alive"}
_TIMEOUT = httpx.Timeout(STEP_SECONDS, connect=CONNECT_SECONDS).as_dict()


class Signer(Protocol):
    """What tells in headers who we are; a signature also covers what is asked."""

    def sign(self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None) -> Mapping[str, str]:
        """Return all headers, with ours among them. `body` None: it is not known beforehand."""
        ...


@dataclass(frozen=True, slots=True)
class StandingHeaders:
    """Headers that are the same for every request: a password or a token."""

    headers: Mapping[str, str] = field(repr=False)

    def sign(self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None) -> Mapping[str, str]:  # noqa: ARG002  the protocol's signature
        """Return all headers."""
        return {**headers, **self.headers}


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: all at once, or in pieces that are made while they are sent."""

    content: bytes = field(default=b"", repr=False)
    pieces: Iterator[bytes] | None = field(default=None, repr=False)


NOTHING = Body()


class WebSession:
    """Speaks with one server only; connections are kept, and made anew when they are lost."""

    def __init__(self, base_url: str, signer: Signer, *, private: bool) -> None:
        self._policy = Policy(allowed_private=private, in_flight=4)  # what is sent may be read there, piece by piece
        self.base = parse_base_address(base_url, private=private)
        self._signer = signer
        self._transport: httpx.BaseTransport | None = None
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)  # they log whole addresses

    def ask(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str] | None = None,
        body: Body = NOTHING,
        *,
        repeats: bool = True,
    ) -> Reply:
        """Send a request and return the answer, whatever it says but who we are.

        `repeats`: it may be repeated when a connection that was kept turns out to be lost. Raises TransientError
        `incident.place.unreachable`, FlowError for credentials, an address or a certificate that is refused.
        """
        is_fresh = self._transport is None
        try:
            return self._ask_once(method, url, headers or {}, body)
        except TransientError:
            self.close()
            if is_fresh or not repeats or body.pieces is not None:
                raise
        return self._ask_once(method, url, headers or {}, body)

    @contextmanager
    def open_stream(
        self, url: httpx.URL, headers: Mapping[str, str]
    ) -> Iterator[tuple[int, Mapping[str, str], Generator[bytes, None, None]]]:
        """Send a GET; yield status, headers and the content in pieces. Raises as `ask`, also between pieces."""
        with _translate_faults():
            with limit_until(monotonic() + STEP_SECONDS):
                response = self._send("GET", url, headers, NOTHING)
            pieces = _iter_pieces(response)
            try:
                yield response.status_code, response.headers, pieces
            finally:
                pieces.close()
                cast("httpx.SyncByteStream", response.stream).close()

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _ask_once(self, method: str, url: httpx.URL, headers: Mapping[str, str], body: Body) -> Reply:
        with _translate_faults():
            if body.pieces is None and len(body.content) <= PIECE:
                with limit_until(monotonic() + STEP_SECONDS):
                    return self._read(self._send(method, url, headers, body))
            # each piece has its own time: together they take as long as the network needs
            response = self._send(method, url, headers, body)
            with limit_until(monotonic() + STEP_SECONDS):
                return self._read(response)

    def _read(self, response: httpx.Response) -> Reply:
        reply = read_reply(response, self._policy.max_bytes)
        if reply.status == 401:
            raise FlowError("incident.credentials.refused")
        return reply

    def _send(self, method: str, url: httpx.URL, headers: Mapping[str, str], body: Body) -> httpx.Response:
        if self._transport is None:
            self._transport = make_guarded_transport(self._policy)
        plain = {"host": url.netloc.decode("ascii"), **_STANDING, **headers}
        if body.pieces is not None:
            plain.setdefault("transfer-encoding", "chunked")
        elif body.content or method in ("PUT", "POST"):
            plain["content-length"] = str(len(body.content))
        whole = self._signer.sign(method, url, plain, None if body.pieces is not None else body.content)
        stream = httpx.ByteStream(body.content) if body.pieces is None else _Pieces(body.pieces)
        extensions = {"timeout": _TIMEOUT}
        request = httpx.Request(method, url, headers=encode_headers(whole), stream=stream, extensions=extensions)
        return self._transport.handle_request(request)


class _Pieces(httpx.SyncByteStream):
    """Content that is made while it is sent."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces


def _iter_pieces(response: httpx.Response) -> Generator[bytes, None, None]:
    """Yield the content in pieces, each within its own time: a server that sends a byte now and then ends nothing."""
    chunks = iter(cast("httpx.SyncByteStream", response.stream))
    while True:
        piece = bytearray()
        with limit_until(monotonic() + STEP_SECONDS):
            while len(piece) < PIECE and (chunk := next(chunks, None)) is not None:
                piece += chunk
        if not piece:
            return
        yield bytes(piece)


@contextmanager
def _translate_faults() -> Iterator[None]:
    """Turn faults of the network, whose texts may hold addresses, into our own errors."""
    try:
        yield
    except (httpx.TransportError, GarbledError):
        raise TransientError("incident.place.unreachable") from None
