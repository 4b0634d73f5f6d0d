"""Real TLS servers on this machine, their certificates made by a test: an API, and the beginning of PostgreSQL."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from mail_sink import make_certificate

from passerelle.edges.http import certificate_ends, network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

_SSL_REQUEST = struct.pack("!ii", 8, 80_877_103)


def make_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch, *days: int) -> list[tuple[Path, Path]]:
    """Make certificates that are valid for so many days, and have this process trust them all."""
    folder.mkdir(exist_ok=True)
    made = []
    for nth, count in enumerate(days):
        (folder / str(nth)).mkdir(exist_ok=True)
        made.append(make_certificate(folder / str(nth), count))
    bundle = folder / "tous.pem"
    bundle.write_bytes(b"".join(certificate.read_bytes() for certificate, _key in made))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    # the process trusts what it trusted when it first spoke, and remembers what it saw
    network._make_tls_context.cache_clear()
    certificate_ends._ends.clear()
    return made


def _make_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


class _Answers(BaseHTTPRequestHandler):
    """Takes everything."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(201)
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_HEAD = do_GET = answer  # noqa: N815  the names that http.server asks for

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serve_api(certificate: tuple[Path, Path], port: int = 0) -> Iterator[int]:
    """Serve an API that takes everything; yield its port."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Answers)
    server.socket = _make_context(certificate).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serve_wsgi(application: Any, certificate: tuple[Path, Path], port: int = 0) -> Iterator[int]:
    """Serve an application over TLS, bodies in chunks too; yield its port."""
    server = wsgi.Server(("127.0.0.1", port), application, numthreads=4)
    server.ssl_adapter = BuiltinSSLAdapter(str(certificate[0]), str(certificate[1]))
    server.error_log = lambda *_arguments, **_facts: None
    server.shutdown_timeout = 0.2
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server.bind_addr[1]
    finally:
        server.stop()
        thread.join()


@contextmanager
def serve_database(certificate: tuple[Path, Path] | None) -> Iterator[int]:
    """Serve the beginning of PostgreSQL's protocol: the question for encryption, and the handshake; yield its port."""
    context = _make_context(certificate) if certificate else None

    def serve() -> None:
        with suppress(OSError):  # the end of the test closes the listener
            while True:
                connection, _address = listener.accept()
                with connection, suppress(OSError):
                    if connection.recv(8) != _SSL_REQUEST or context is None:
                        connection.sendall(b"N")
                        continue
                    connection.sendall(b"S")
                    with context.wrap_socket(connection, server_side=True) as session:
                        session.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
