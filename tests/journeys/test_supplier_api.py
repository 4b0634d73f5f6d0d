"""Records go to a supplier's API in the supplier's own words, and its answers decide their fate."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.outcomes import Fate

ROOT = Path(__file__).parents[2]
VISITS = json.loads((ROOT / "plugins/ogust/samples/services/nominal.json").read_text("utf-8"))
SETTINGS = """\
[flow.retour]
connector = "ogust-services"
purpose = "planning"
source = {{ kind = "folder", path = "recu", after = "keep", quiet_seconds = 0 }}

[flow.retour.destination]
kind = "supplier"
connector = "ogust-services"
base_url = "{url}"
allow_private = true
username = "env:OGUST_KEY"
password = "env:OGUST_SECRET"
"""


def services(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        if "id_service" in value:
            yield value
        for below in value.values():
            yield from services(below)
    elif isinstance(value, list):
        for below in value:
            yield from services(below)


REALISED = {"service": [one for one in services(VISITS) if one["status"] == "R" and one["type"] == "I"]}
Answers = Callable[[str, dict[str, object]], tuple[int, object]]


@contextmanager
def supplier(answers: Answers) -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    """Run a supplier that answers as it is told; lend its address and what it was asked."""
    asked: list[tuple[str, dict[str, object]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, answer = (200, {"token": "T"}) if "getToken" in self.path else answers(self.path, body)
            if "getToken" not in self.path:
                asked.append((self.path, body))
            if answer is None:
                self.connection.close()
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_about: None
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OGUST_KEY", "key")
    monkeypatch.setenv("OGUST_SECRET", "secret")
    (tmp_path / "recu").mkdir()
    (tmp_path / "recu" / "services.json").write_text(json.dumps(REALISED), encoding="utf-8")

    def run(url: str) -> dict[Fate, int]:
        (tmp_path / "passerelle.toml").write_text(SETTINGS.format(url=url), encoding="utf-8")
        with open_workspace(load_settings(tmp_path / "passerelle.toml")) as house:
            number = house.journal.begin_run(["retour"], house.clock.now())
            outcome = run_flow(house, "retour", run=number)
        assert outcome.suspended == ""
        return {fate: count for fate, count in outcome.balance.fates.items() if count}

    return run


def test_each_visit_goes_out_in_the_words_it_came_in_and_only_once(run):
    with supplier(lambda _path, _body: (200, {"status": "OK", "id_service": "900"})) as (url, asked):
        first = run(url)
        assert run(url) == {}
    sent = [body for path, body in asked]
    assert all(path == "/apiogust.php?method=setService" for path, _body in asked)
    came = {one["id_service"]: one for one in REALISED["service"]}
    assert first[Fate.DELIVERED] == len(sent) == len(came) > 0
    for body in sent:
        assert body["token"] == "T"
        there = came[body["id_service"]]
        for name in ("id_customer", "start_date", "type", "status"):
            assert body[name] == there[name]


def test_a_refusal_inside_a_success_is_a_refusal(run):
    with supplier(lambda _path, _body: (200, {"status": "KO", "message": "le client est inconnu"})) as (url, asked):
        fates = run(url)
    assert fates[Fate.REFUSED] == len(asked) > 0
    assert Fate.DELIVERED not in fates


def test_what_got_no_answer_is_not_sent_again_to_a_supplier_that_knows_no_keys(run):
    with supplier(lambda _path, _body: (200, None)) as (url, asked):
        fates = run(url)
        assert fates[Fate.UNKNOWN] == len(asked) > 0
        assert run(url) == {}
