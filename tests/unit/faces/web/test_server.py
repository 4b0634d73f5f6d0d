"""The server of pushed messages: slow connections lose their place, large bodies are refused before they are kept."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time

import pytest

from passerelle.edges.sources.inbox import MAX_MESSAGE
from passerelle.faces.web import server as web_server
from passerelle.faces.web.server import open_server


@pytest.fixture
def port(monkeypatch):
    """Serve an application that answers with the size of the body."""
    monkeypatch.setattr(web_server, "REQUEST_SECONDS", 1)
    monkeypatch.setattr(web_server, "_LOOK_EVERY", 0.2)

    def answer(environ, start_response):
        body = str(len(environ["wsgi.input"].read())).encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    server, port = open_server(answer, "127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True).start()
    yield port
    server.close()


def ask(port: int, head: bytes, body: bytes = b"") -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head + body)
        answer = b""
        # what was sent and not read resets the connection behind the answer
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(4096):
                answer += piece
        return answer


def post(port: int, size: int) -> bytes:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n".encode()
    return ask(port, head, b"x" * min(size, MAX_MESSAGE))


def test_a_body_of_the_greatest_size_is_read_without_a_temporary_file(port, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    assert post(port, MAX_MESSAGE).endswith(str(MAX_MESSAGE).encode())


def test_what_announces_two_hundred_megabytes_is_refused_at_once(port):
    assert b" 413 " in post(port, 200 << 20)


def test_headers_without_end_are_refused(port):
    assert b" 431 " in ask(port, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000)


def test_a_connection_that_sends_a_byte_now_and_then_loses_its_place(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
        ends = time.monotonic() + 15
        is_open = True
        while is_open and time.monotonic() < ends:
            try:
                connection.sendall(b"X")
            except OSError:
                is_open = False
            time.sleep(0.2)
        assert not is_open


def test_a_hundred_silent_connections_keep_nobody_out_for_long(port):
    silent = [socket.create_connection(("127.0.0.1", port), timeout=20) for _number in range(105)]
    try:
        assert post(port, 3).endswith(b"3")
    finally:
        for connection in silent:
            connection.close()
