"""A note is posted in the form that each product expects, under the address rules, and no error repeats the address."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from passerelle.edges.channels.note import ShortText
from passerelle.edges.channels.webhook import make_content, post_text
from passerelle.engine.clock import SystemClock
from passerelle.vocabulary.errors import TransientError

NOTE = ShortText(
    "passerelle-7-x", "Passerelle : 1 défaut", "visites : ``` @channel\n\n→ agir", datetime(2026, 11, 30, tzinfo=UTC)
)


class _Taker(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append((self.path, self.headers["idempotency-key"], json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Taker)
    server.taken, server.status = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("form", ["json", "teams", "mattermost"])
def test_each_form_holds_subject_and_body_and_is_posted_once_under_its_id(server, form):
    url = f"http://127.0.0.1:{server.server_port}/crochet/secret?x=1"
    post_text(NOTE, url, form, SystemClock(), allow_private=False)
    ((path, key, content),) = server.taken
    assert (path, key) == ("/crochet/secret?x=1", NOTE.id)
    told = json.dumps(content, ensure_ascii=False)
    assert "1 défaut" in told
    assert "→ agir" in told


def test_what_a_message_holds_leaves_no_block_and_mentions_nobody():
    assert make_content(NOTE, "mattermost")["text"].count("```") == 2
    assert all(
        block["type"] == "TextBlock" for block in make_content(NOTE, "teams")["attachments"][0]["content"]["body"]
    )


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/secret", "http://exemple.fr/secret", "secret", "https://169.254.169.254/x"]
)
def test_an_address_that_the_rules_refuse_is_told_without_being_repeated(url):
    with pytest.raises(TransientError) as caught:
        post_text(NOTE, url, "json", SystemClock(), allow_private=False)
    assert "secret" not in str(caught.value) + str(caught.value.details)


def test_an_answer_that_is_no_acceptance_is_a_failure(server):
    server.status = 404
    with pytest.raises(TransientError) as caught:
        post_text(NOTE, f"http://127.0.0.1:{server.server_port}/x", "json", SystemClock(), allow_private=False)
    assert caught.value.details["cause"] == "404"
