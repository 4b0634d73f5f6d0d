"""Play saved exchanges as the supplier's API would: hand out tokens, answer as saved, fail where a check says so."""

from __future__ import annotations

import json
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol

from passerelle.testing.exchanges import RecordedRequest, RecordedResponse, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.extension.supplier import Access

SECRET = "un-secret-de-theatre"  # noqa: S105  it opens nothing
TOKEN_PATH = "jeton"  # noqa: S105  a path
_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class TruncatedResponse:
    """An answer that breaks off in the middle of its body."""

    whole: RecordedResponse


Answer = RecordedResponse | TruncatedResponse


class RequestHandler(Protocol):
    """What answers the requests of the local server."""

    def hear(self, request: RecordedRequest, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request; names of headers are in lower case. Called from several threads."""
        ...


@dataclass(slots=True)
class Player:
    """Answers from a recording. The `faults` of an exchange are answered before its saved answer."""

    recording: Recording
    access: Access
    faults: dict[int, deque[RecordedResponse | None]] = field(default_factory=dict)
    """By number of the exchange, from 0; None: the saved answer, cut in the middle."""
    expires_at: int = -1
    """Before this exchange the token that was handed out stops being good."""
    echo: deque[RecordedResponse] = field(default_factory=deque)
    """Answered, as long as there are any, in place of the last saved answer and of «not found»: a list that never ends
    by itself."""
    asked: Counter[int] = field(default_factory=Counter)
    """How often each exchange was asked for and answered as saved."""
    strange: int = 0
    """Requests that the recording does not know."""
    sign_ins: int = 0
    _expired: bool = False
    _lock: Lock = field(default_factory=Lock)

    def hear(self, request: RecordedRequest, headers: Mapping[str, str], body: bytes) -> Answer:  # noqa: ARG002  the port's
        """Answer one request."""
        with self._lock:
            saved_numbers = [
                number
                for number, exchange in enumerate(self.recording.exchanges)
                if exchange.request.is_same(request, without=self.member)
            ]
            # `min` takes the first of equals: the same request again gets the following saved answer.
            number = min(saved_numbers, key=lambda number: self.asked[number], default=None)
            if number is not None and number == self.expires_at:
                self._expired, self.expires_at = True, -1
        if (refusal := self.check_credentials(request, headers)) is not None:
            return refusal
        with self._lock:
            if self.echo and number in (None, len(self.recording.exchanges) - 1):
                return self.echo.popleft()
            if number is not None:
                saved = self.recording.exchanges[number].response
                waiting = self.faults.get(number)
                if waiting:
                    fault = waiting.popleft()
                    return TruncatedResponse(saved) if fault is None else fault
                self.asked[number] += 1
                return saved
            self.strange += 1
            return RecordedResponse(404)

    @property
    def member(self) -> str:
        """Return the member of a body that holds the token; empty when none does."""
        return self.access.sign_in.member if self.access.sign_in else ""

    def check_credentials(self, request: RecordedRequest, headers: Mapping[str, str]) -> RecordedResponse | None:
        """Answer a request for a token, or one with a wrong token; None for a request that may go on."""
        with self._lock:
            token_request = RecordedRequest.from_target("POST", self.access.token_path)
            is_for_token = (request.path, request.query) == (token_request.path, token_request.query)
            if is_for_token and self.access.scheme in ("oauth2", "sign_in"):
                return self._sign_in()
            # 401 and not 403: a client takes it for a token that has expired, and signs in again.
            return None if self._is_welcome(request, headers) else RecordedResponse(401)

    @property
    def _token(self) -> str:
        return f"{SECRET}-{self.sign_ins}"

    def _sign_in(self) -> RecordedResponse:
        self.sign_ins += 1
        self._expired = False
        how = self.access.sign_in
        if how is None:
            grant = {"access_token": self._token, "token_type": "Bearer", "expires_in": 3600}
            return RecordedResponse(200, json.dumps(grant).encode(), _JSON)
        member = {how.member: self._token} if how.member else {}
        return RecordedResponse(
            200, json.dumps({"status": "OK", **member}).encode(), {**_JSON, **dict.fromkeys(how.repeats, self._token)}
        )

    def _is_welcome(self, request: RecordedRequest, headers: Mapping[str, str]) -> bool:
        if self.access.scheme == "none":
            return True
        if self._expired:
            return False
        how = self.access.sign_in
        if how is not None:
            tokens = [headers.get(name, "") for name in how.repeats]
            tokens += [str(request.body.get(how.member, ""))] if how.member and isinstance(request.body, dict) else []
            return all(token == self._token for token in tokens)
        expected = self._token if self.access.scheme == "oauth2" else SECRET
        return self.access.scheme == "basic" or expected in headers.get(self.access.header.lower(), "")


def replay_request(player: Player, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Ask a player without a server between: `target` as in the first line of a request."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return player.hear(RecordedRequest.from_target(method, target, body), lowered, body)


@contextmanager
def serve_locally(behind: RequestHandler) -> Iterator[str]:
    """Open a server on a free port of 127.0.0.1 for as long as the context lasts, and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(behind))
    # A connection that a check cut off must not keep the process alive.
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _make_handler(behind: RequestHandler) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Buffered writes and no Nagle: an answer leaves at once and in one piece.
        wbufsize = -1
        disable_nagle_algorithm = True
        timeout = 10

        def _respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._write(
                behind.hear(RecordedRequest.from_target(self.command, self.path, body, tuple(headers)), headers, body)
            )

        do_GET = do_POST = do_PUT = do_PATCH = _respond  # noqa: N815  the names that the library looks for

        def _write(self, answer: Answer) -> None:
            whole = answer.whole if isinstance(answer, TruncatedResponse) else answer
            self.send_response(whole.status)
            for name, value in whole.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(whole.body)))
            self.end_headers()
            self.wfile.write(
                whole.body[: len(whole.body) // 2] if isinstance(answer, TruncatedResponse) else whole.body
            )
            self.wfile.flush()
            self.close_connection = self.close_connection or isinstance(answer, TruncatedResponse)

        def log_message(self, *_words: object) -> None:
            """Log nothing: addresses may hold values."""

    return Handler
