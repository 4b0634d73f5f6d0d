"""An invented new software on loopback: it gives ids of its own, acts once a key, deletes, and can be told to fail."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class NewSoftware:
    """What it holds, by path and id; `refuses` names refs that it will not have."""

    held: dict[tuple[str, str], dict] = field(default_factory=dict)
    by_key: dict[str, tuple[int, dict]] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    down: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    server: ThreadingHTTPServer | None = None

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"software": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def take(self, path: str, key: str, body: dict) -> tuple[int, dict]:
        with self.lock:
            self.calls["POST"] += 1
            if self.down:
                return 503, {}
            if body["ref"] in self.refuses:
                return 422, {"code": "unwanted"}
            if key not in self.by_key:
                known = (path, body["ref"])
                number = self.ids.setdefault(known, f"N {len(self.ids) + 1}")
                self.held[path, number] = body
                self.order.append(path)
                self.by_key[key] = (201, {"id": number})
            return self.by_key[key]

    def remove(self, path: str, number: str) -> int:
        with self.lock:
            self.calls["DELETE"] += 1
            if self.down:
                return 503
            if (path, number) not in self.held:
                return 404
            del self.held[path, number]
            del self.ids[next(known for known, one in self.ids.items() if known[0] == path and one == number)]
            return 204

    def of(self, path: str) -> list[dict]:
        return [body for (where, _number), body in self.held.items() if where == path]

    def save(self, file: Path) -> None:
        file.write_text(json.dumps([[*where, body] for where, body in self.held.items()]), "utf-8")


class _Handler(BaseHTTPRequestHandler):
    software: NewSoftware

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status, answer = self.software.take(self.path.strip("/"), self.headers["idempotency-key"], body)
        self._answer(status, json.dumps(answer).encode())

    def do_DELETE(self):
        from urllib.parse import unquote  # noqa: PLC0415  only this test needs it

        path, _slash, number = self.path.strip("/").rpartition("/")
        self._answer(self.software.remove(path, unquote(number)), b"")

    def _answer(self, status, content):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass
