"""The server of pushed messages: bounded before anything is read, in memory only, and nobody holds a place for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import waitress
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from passerelle.edges.sources.inbox import MAX_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 4
CONNECTIONS = 200
"""At a time; more wait before they are accepted."""
REQUEST_SECONDS = 20
"""From the first byte of a request, or since the connection, to its last byte."""
_LOOK_EVERY = 2
"""Seconds between two looks for connections that are late."""
_HEADERS = 16 * 1024
"""Bytes of all headers together."""


class _TimedChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose time runs from the first byte of a request: one more byte now and then wins none."""

    def handle_read(self) -> None:
        """Read; while a request is incomplete, its first byte stays the last sign of life."""
        began: float = self.last_activity  # type: ignore[has-type]  # waitress has no types
        was_under_way = self.request is not None
        super().handle_read()
        if was_under_way and self.request is not None:
            self.last_activity = began


def open_server(application: Callable[..., Any], address: str, port: int) -> tuple[Any, int]:
    """Bind a server and return it with its port. Raises OSError when the port is taken."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(
        application,
        map=sockets,
        host=address,
        port=port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=REQUEST_SECONDS,
        cleanup_interval=_LOOK_EVERY,
        max_request_header_size=_HEADERS,
        # refused by its announced length, or once more came: nothing is computed, and nothing kept
        max_request_body_size=MAX_MESSAGE + 2,
        # beyond this, waitress would put a body into a temporary file, in clear, before its signature is seen
        inbuf_overflow=2 * MAX_MESSAGE,
        # no name of the server software in its answers, and no trust in headers that only a proxy may set
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
    for each in [server, *sockets.values()]:
        if isinstance(each, BaseWSGIServer):
            each.channel_class = _TimedChannel
    # port 0 lets the system choose: people need the one it chose
    return server, server.effective_port if isinstance(server, BaseWSGIServer) else port
