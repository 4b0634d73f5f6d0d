"""What tests of the edges share: a clock that they own, a server that misbehaves on demand, invented records."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.place import ROW


@dataclass
class FakeClock:
    """Time that only passes when somebody sleeps."""

    moment: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[socket.socket, Asked], bool]
"""Answers one request; says whether the connection stays open."""


def reply(status: int, body: bytes | dict | list = b"", **headers: str) -> Behaviour:
    """Answer properly."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def act(connection: socket.socket, _asked: Asked) -> bool:
        lines = {"Content-Length": str(len(content)), "Content-Type": "application/json"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection.sendall(f"HTTP/1.1 {status} Word\r\n{head}\r\n".encode() + content)
        return True

    return act


def raw(data: bytes, *, reset: bool = False) -> Behaviour:
    """Send these bytes and cut the connection, politely or not."""

    def act(connection: socket.socket, _asked: Asked) -> bool:
        connection.sendall(data)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return act


def drip(data: bytes, seconds: float = 0.05) -> Behaviour:
    """Send a byte now and then, for ever: the end repeats."""

    def act(connection: socket.socket, _asked: Asked) -> bool:
        stop = threading.Event()
        with contextlib.suppress(OSError):
            for place in range(2000):
                connection.sendall(data[place : place + 1] or b"x")
                stop.wait(seconds)
        return False

    return act


class Server:
    """A real server on loopback that follows a script; its last behaviour repeats."""

    reply = staticmethod(reply)
    raw = staticmethod(raw)
    drip = staticmethod(drip)

    def __init__(self) -> None:
        self.script: list[Behaviour] = [reply(200, {})]
        self.asked: list[Asked] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def follows(self, *script: Behaviour) -> None:
        self.script = list(script)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(2)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
            while asked := _read(stream):
                with self._lock:
                    self.asked.append(asked)
                    behave = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                if not behave(connection, asked):
                    return


def _read(stream) -> Asked | None:
    line = stream.readline()
    if not line:
        return None
    method, target, _version = line.decode("latin-1").split()
    headers = {}
    while (line := stream.readline().strip()) != b"":
        name, _colon, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, stream.read(int(headers.get("content-length", 0))))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def ready() -> Callable[..., Delivery]:
    """Build a batch of invented visits."""

    def build(*records: dict, contract: str = "visit/1", versions: tuple[int, ...] = (), number: int = 0) -> Delivery:
        frame = pl.DataFrame(list(records), infer_schema_length=None).with_row_index(ROW)
        bodies = tuple(json.dumps(_known(record), ensure_ascii=False).encode() for record in records)
        keys = tuple(f"{index:04d}" + "k" * 8 for index in range(len(records)))
        return Delivery(
            "nuit", contract, BatchKey("ab" * 32, number), frame, bodies, keys, versions or (1,) * len(records)
        )

    return build


def _known(record: dict) -> dict:
    return {name: value for name, value in record.items() if value is not None}
