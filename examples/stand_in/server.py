"""The socket side of the stand-in: reads requests, finds who answers, writes answers. Loopback only."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from .exchange import CUT, Answer, Handler, Request, refusal

_LARGEST_BODY = 8 * 1024 * 1024

Routes = Mapping[tuple[str, str], Handler]
"""Who answers, by method and path; a path that ends in `/` takes everything below it, a method `*` any method."""


class Server(ThreadingHTTPServer):
    """A threaded server on 127.0.0.1 with the routes it was given."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, routes: Routes) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.routes = routes

    @property
    def url(self) -> str:
        """Say where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, request: Request) -> Answer:
        """Find who answers."""
        for (method, path), handler in self.routes.items():
            below = path.endswith("/") and request.path.startswith(path)
            if method in {"*", request.method} and (below or request.path == path):
                return handler(request)
        return refusal(404, "not_found")


class _Connection(BaseHTTPRequestHandler):
    """One connection, kept alive between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30
    server: Server

    def do_GET(self) -> None:
        """Answer a GET."""
        self._exchange()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._exchange()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the parent's name
        """Keep quiet: a query string is nobody's business, even an invented one."""

    def _exchange(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            self.close_connection = True
            self._write(refusal(413, "body_too_large"))
            return
        target = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(target.query))
        answer = self.server.answer(Request(self.command, target.path, query, headers, self.rfile.read(length)))
        if answer.status == CUT:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._write(answer)

    def _write(self, answer: Answer) -> None:
        body = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
