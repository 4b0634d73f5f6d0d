"""Resources go to a FHIR server, and what it answers for each entry decides its fate."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "plugins/tddui/samples/fhir/nominal.json"
SETTINGS = """\
[flow.dossiers]
connector = "tddui-fhir"
purpose = "portability"
leave_out = ["aid_request/1", "entitlement/1"]
source = {{ kind = "folder", path = "recu", after = "keep", quiet_seconds = 0 }}

[flow.dossiers.destination]
kind = "supplier"
connector = "tddui-fhir-server"
base_url = "{url}/fhir"
allow_private = true
token = "env:FHIR_TOKEN"
"""
MADE = {"response": {"status": "201 Created", "location": "Patient/1"}}


@contextmanager
def server(answer: Callable[[Any], Any]) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Run a server that answers each Bundle as it is told; lend its address and what it was asked."""
    asked: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bundle = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append((self.path, bundle))
            content = json.dumps(answer(bundle)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/fhir+json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}", asked
    finally:
        listening.shutdown()
        listening.server_close()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FHIR_TOKEN", "jeton")
    (tmp_path / "recu").mkdir()
    (tmp_path / "recu" / "dossiers.json").write_bytes(SAMPLE.read_bytes())

    def run(url: str) -> dict[Fate, int]:
        (tmp_path / "passerelle.toml").write_text(SETTINGS.format(url=url), encoding="utf-8")
        with open_workspace(load_settings(tmp_path / "passerelle.toml")) as house:
            number = house.journal.begin_run(["dossiers"], house.clock.now())
            outcome = run_flow(house, "dossiers", run=number)
        assert outcome.suspended == ""
        return {fate: count for fate, count in outcome.balance.fates.items() if count}

    return run


def test_every_record_goes_out_once_in_a_bundle_of_its_contract(run):
    with server(lambda bundle: {"entry": [MADE] * len(bundle["entry"])}) as (url, asked):
        first = run(url)
        assert run(url) == {}
    kinds = [{entry["resource"]["resourceType"] for entry in bundle["entry"]} for _path, bundle in asked]
    sent = sum(len(bundle["entry"]) for _path, bundle in asked)
    assert first[Fate.DELIVERED] == sent
    assert all(len(kind) == 1 for kind in kinds)
    assert {path for path, _bundle in asked} == {"/fhir/"}


def test_a_resource_that_the_server_refuses_costs_no_other(run):
    def answer(bundle: Any) -> Any:
        refused = {"response": {"status": "422 Unprocessable", "outcome": {"issue": [{"code": "invalid"}]}}}
        kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
        return {"entry": [refused if kind == "Goal" else MADE for kind in kinds]}

    with server(answer) as (url, asked):
        fates = run(url)
    goals = [
        entry for _path, bundle in asked for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Goal"
    ]
    assert fates[Fate.REFUSED] == len(goals) > 0
    assert fates[Fate.DELIVERED] > len(goals)
