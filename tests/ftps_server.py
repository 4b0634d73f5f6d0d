"""A real FTP server on this machine (pyftpdlib) that speaks only over TLS."""

from __future__ import annotations

import logging
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():
    # on Python 3.11 it uses asyncore of the standard library, from 3.12 on the same module from elsewhere
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import TLS_FTPHandler
    from pyftpdlib.servers import FTPServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER, PASSWORD = "saad-aube", "épreuve"


@dataclass
class FtpsServer:
    """A server: where it listens, and what it does not know or answers instead."""

    port: int = 0
    unknown: set[str] = field(default_factory=set)
    """Commands that it does not know."""
    instead: dict[str, str] = field(default_factory=dict)
    """What it answers to a command."""
    heard: list[str] = field(default_factory=list)
    """Commands and whether they came in clear."""


def _make_handler(server: FtpsServer, certificate: tuple[Path, Path]) -> type[TLS_FTPHandler]:
    class Handler(TLS_FTPHandler):  # type: ignore[misc]  # the library has no types
        certfile, keyfile = map(str, certificate)
        tls_control_required = tls_data_required = True
        auth_failed_timeout = 0
        use_sendfile = False

        def pre_process_command(self, line: str, cmd: str, arg: str) -> Any:
            server.heard.append(f"{cmd} {'TLS' if self._ssl_established else 'clear'}")
            if cmd in server.unknown:
                return self.respond("502 not here")
            if cmd in server.instead:
                return self.respond(server.instead[cmd])
            return super().pre_process_command(line, cmd, arg)

    return Handler


@contextmanager
def serve_ftps(folder: Path, certificate: tuple[Path, Path], port: int = 0) -> Iterator[FtpsServer]:
    """Serve a folder over FTP and TLS to one account."""
    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    running = FtpsServer()
    handler = _make_handler(running, certificate)
    handler.authorizer = DummyAuthorizer()
    handler.authorizer.add_user(USER, PASSWORD, str(folder), perm="elradfmwMT")
    server = FTPServer(("127.0.0.1", port), handler)
    running.port = server.address[1]
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            server.serve_forever(timeout=0.02, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        stopping.set()
        thread.join()
