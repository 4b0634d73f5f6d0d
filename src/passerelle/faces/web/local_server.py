"""The server of the workbench: on this machine alone, bounded, and silent about what it is asked."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

ADDRESS = "127.0.0.1"
"""The only one: what signs in by a link on a terminal is for whoever sits at that machine."""
_CONNECTIONS = 100
_HEADERS = 16 * 1024


def bind_local(port: int) -> socket.socket:
    """Bind a port of this machine, any that is free for 0. Raises OSError when it is taken."""
    # the protocol is named: asyncio switches Nagle's algorithm off for such sockets alone, which keeps the end of each
    # page back for forty milliseconds
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.bind((ADDRESS, port))
    except BaseException:
        bound.close()
        raise
    return bound


def list_hosts(port: int) -> frozenset[str]:
    """Return the names under which a browser of this machine may ask."""
    return frozenset({f"{ADDRESS}:{port}", f"localhost:{port}"})


class LocalServer(uvicorn.Server):
    """A server that ends quietly on Ctrl-C or a signal, so that the journal is closed as it should be."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the two signals that end a process while the server works, and hand them back afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        kinds = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(kind, self.handle_exit) for kind in kinds]
        try:
            yield
        finally:
            for kind, handler in zip(kinds, before, strict=True):
                signal.signal(kind, handler)


def make_server(application: Starlette) -> LocalServer:
    """Return a server for an application; `run` with the bound sockets serves until it is told to end."""
    return LocalServer(
        uvicorn.Config(
            application,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            # addresses and failures of requests are in no log: our own has an allow-list
            log_config=None,
            access_log=False,
            server_header=False,
            # no header of a proxy is believed: there is none in front
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=_HEADERS,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=5,
        )
    )
