"""A receiver of events: a real server on this machine that checks each signature with the library of the standard."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class EventReceiver:
    """What a receiver was sent. `answer` says what it answers to a message, given the number of those before."""

    url: str = ""
    secret: str = ""
    """Once known, each message has to be signed with it."""
    answer: Callable[[int], int] = lambda _number: 204
    headers: dict[str, str] = field(default_factory=dict)
    echoes: bool = True
    answers_with: bytes = b""
    ids: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    """Of the messages that were taken."""

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Take one message, and return status and body of the answer."""
        if self.secret:
            # its `verify` compares with the clock of the machine, which tests turn
            sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
            signature = Webhook(self.secret).sign(headers["webhook-id"], sent_at, body.decode())
            assert signature in headers["webhook-signature"].split()
        assert headers["content-type"] == "application/cloudevents-batch+json"
        told = json.loads(body)
        if told[0]["type"] == "fr.passerelle.handshake":
            return 200, json.dumps({"challenge": told[0]["data"]["challenge"] if self.echoes else "?"}).encode()
        number = len(self.ids)
        self.ids.append(headers["webhook-id"])
        self.bodies.append(body)
        status = self.answer(number)
        if status < 300:
            self.events += told
        return status, self.answers_with


@contextmanager
def receive_events() -> Iterator[EventReceiver]:
    """Receive events until the context ends."""
    receiver = EventReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, content = receiver.take({name.lower(): text for name, text in self.headers.items()}, body)
            self.send_response(status)
            for name, text in receiver.headers.items():
                self.send_header(name, text)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/passerelle"
        try:
            yield receiver
        finally:
            server.shutdown()
            serving.join()
