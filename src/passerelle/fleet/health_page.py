"""The health of a worker and the figures of those it serves, over HTTP: for a supervisor and a monitor.

Computed on request from the journal and the queue; nothing is remembered but since when the database is away.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FatalError, PasserelleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.stores.fleet_counts import FleetState

HEALTH, FIGURES = "/sante", "/metrics"
_SECONDS = 5
"""How long a request may take to arrive."""


class HealthPage:
    """What is answered: whether the worker works, and the counts of the organisations it serves."""

    def __init__(self, read: Callable[[], FleetState], write_figures: Callable[[], str]) -> None:
        self._read, self._write_figures = read, write_figures

    def answer(self, path: str) -> tuple[HTTPStatus, str, str]:
        """Return status, kind and body for a path."""
        try:
            if path == HEALTH:
                return HTTPStatus.OK, "application/json", json.dumps(self._describe())
            if path == FIGURES:
                return HTTPStatus.OK, "text/plain; version=0.0.4", self._write_figures() + "\n"
        except PasserelleError as error:
            # the process lives and waits for its database: whoever asks should neither kill it nor send it work
            body = json.dumps({"state": "waits", "reason": error.code})
            return HTTPStatus.SERVICE_UNAVAILABLE, "application/json", body
        return HTTPStatus.NOT_FOUND, "text/plain", ""

    def _describe(self) -> dict[str, object]:
        total = self._read()
        state = "late" if total.stranded else "works"
        return {"state": state, "due": total.due, "in_hand": total.in_hand, "workers": total.workers}


@contextmanager
def serve_health(page: HealthPage, address: str, port: int) -> Iterator[int]:
    """Answer requests while the context lasts; yield the port. Raises FatalError `incident.port.taken`."""
    try:
        server = ThreadingHTTPServer((address, port), _make_handler(page))
    except OSError:
        raise FatalError("incident.port.taken", port=str(port)) from None
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _make_handler(page: HealthPage) -> type[BaseHTTPRequestHandler]:
    class HealthHandler(BaseHTTPRequestHandler):
        """Answers GET, and nothing else."""

        timeout = _SECONDS
        server_version, sys_version = "passerelle", ""

        def do_GET(self) -> None:
            """Answer one request."""
            status, kind, body = page.answer(self.path.partition("?")[0])
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the library has it
            """Write nothing: a path may be anything that anybody typed."""

    return HealthHandler
