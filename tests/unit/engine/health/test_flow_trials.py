"""Every flow is tried, each fault of each is told, and one that is disabled is no alarm."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from people_flow import settle_people

from passerelle.engine.health.findings import Severity
from passerelle.engine.health.flow_trials import try_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import load_workspace_plugins

MORE = """
[flow.deux]
connector = "gens"
purpose = "support"
enabled = {enabled}
source = {{ kind = "folder", path = "nulle-part" }}
destination = {{ kind = "folder", path = "essai.toml" }}
"""


@pytest.fixture
def try_out(tmp_path):
    path = settle_people(tmp_path)

    def call(more=""):
        path.write_text(path.read_text("utf-8") + more, "utf-8")
        settings = load_settings(path)
        return list(try_flows(settings, load_workspace_plugins(settings), offline=True))

    return call


def test_a_flow_in_order_is_told_as_tried_and_nothing_is_made(try_out, tmp_path):
    assert [one.severity for one in try_out()] == [Severity.GOOD]
    assert not (tmp_path / "base.db").exists()
    assert not (tmp_path / "etat").exists()


@pytest.mark.parametrize(("enabled", "severity"), [("true", Severity.WRONG), ("false", Severity.DOUBTFUL)])
def test_both_ends_of_a_flow_are_told_and_a_disabled_one_is_no_alarm(try_out, enabled, severity):
    good, *found = try_out(MORE.format(enabled=enabled))
    assert good.severity is Severity.GOOD
    assert [one.severity for one in found] == [severity, severity]
    assert "nulle-part" in found[0].sentence
    assert "essai.toml" in found[1].sentence


def test_a_trial_writes_nothing_to_the_file_that_keeps_the_heads_of_the_trail(tmp_path):
    path = settle_people(tmp_path)
    path.write_text(path.read_text("utf-8").replace("[passerelle]", '[passerelle]\naudit_anchor = "ancre"'), "utf-8")
    (tmp_path / "ancre").write_text("what stands there\n", "utf-8")
    settings = load_settings(path)
    list(try_flows(settings, load_workspace_plugins(settings), offline=True))
    assert (tmp_path / "ancre").read_text("utf-8") == "what stands there\n"


TO_OGUST = """
[flow.retour]
connector = "ogust-services"
purpose = "planning"
leave_out = ["planned_visit/1"]
source = { kind = "folder", path = "entrees" }
destination = { kind = "supplier", connector = "ogust-services", base_url = "URL", allow_private = true, \
username = "env:CLE", password = "env:MOT" }
"""


@pytest.mark.parametrize(("forbidden", "severity"), [("setService", Severity.WRONG), ("ailleurs", Severity.GOOD)])
def test_an_api_is_asked_at_the_path_to_which_records_will_go_and_nothing_is_sent(
    tmp_path, monkeypatch, forbidden, severity
):
    asked = []

    class Software(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.answer(200, b'{"token": "T"}')

        def do_HEAD(self):
            asked.append(self.path)
            self.answer(403 if forbidden in self.path else 200, b"")

        def answer(self, status, content):
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words):
            pass

    monkeypatch.setenv("CLE", "k")
    monkeypatch.setenv("MOT", "m")
    with serve(Software) as port:
        (tmp_path / "entrees").mkdir()
        path = tmp_path / "passerelle.toml"
        path.write_text(TO_OGUST.replace("URL", f"http://127.0.0.1:{port}"), "utf-8")
        settings = load_settings(path)
        (found,) = try_flows(settings, load_workspace_plugins(settings), offline=False)
    assert found.severity is severity
    assert len(asked) == 1
    assert "setService" in asked[0]


@contextmanager
def serve(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("after", "severity"), [("archive", Severity.WRONG), ("keep", Severity.GOOD)])
def test_a_file_in_the_place_of_the_archives_matters_only_where_files_go_there(tmp_path, after, severity):
    path = settle_people(tmp_path)
    (tmp_path / "entrees" / "archives").write_text("x", "utf-8")
    kept = path.read_text("utf-8").replace("quiet_seconds = 0", f'quiet_seconds = 0, after = "{after}"')
    path.write_text(kept, "utf-8")
    settings = load_settings(path)
    (found,) = try_flows(settings, load_workspace_plugins(settings), offline=True)
    assert found.severity is severity
