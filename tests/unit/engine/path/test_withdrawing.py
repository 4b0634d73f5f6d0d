"""A deletion that the supplier announces reaches the destination, or is told of; an API deletes by its own ids."""

from __future__ import annotations

import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from whole_exports import Exports, write_persons

from passerelle.edges.sources.inbox import MessageSource
from passerelle.engine.path.collecting import Blocks, collect
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

_FLOW = """
[flow.rdv]
connector = "rdv-solidarites-users-pushed"
purpose = "portability"
vanished = "{mode}"
source = {{ kind = "inbox", secret = "env:SECRET" }}
destination = {{ kind = "database", url = "sortie.sqlite" }}
"""


def write_message(event: str, number: int = 1, *, times: int = 1) -> bytes:
    user = {"id": number, "first_name": "Adèle", "last_name": "INVENTÉE"}
    return json.dumps(
        {"data": user if times == 1 else [user] * times, "meta": {"model": "User", "event": event, "timestamp": event}}
    ).encode()


@pytest.fixture
def push(tmp_path):
    """Push messages to a flow of this mode and return the balance of the run."""

    def push(mode: str, *messages: bytes):
        (tmp_path / "passerelle.toml").write_text(_FLOW.format(mode=mode), "utf-8")
        with open_workspace(load_settings(tmp_path / "passerelle.toml")) as workspace:
            for message in messages:
                collect("rdv", MessageSource(message), workspace.depot, workspace.journal, workspace.clock, Blocks())
            return run_flows(workspace, ["rdv"], jobs=1).outcomes[0].balance

    return push


def count_rows(folder) -> int:
    connection = sqlite3.connect(folder / "sortie.sqlite")
    (count,) = connection.execute("SELECT count(*) FROM passerelle_person_1").fetchone()
    connection.close()
    return count


def test_an_announced_deletion_deletes_the_record_and_is_counted_as_delivered(tmp_path, push):
    push("delete", write_message("created"))
    assert count_rows(tmp_path) == 1
    balance = push("delete", write_message("destroyed"))
    assert (balance.fates, balance.vanished, balance.withdrawn) == ({"delivered": 1}, 1, 1)
    assert count_rows(tmp_path) == 0
    assert push("delete", write_message("updated")).fates == {"delivered": 1}
    assert count_rows(tmp_path) == 1


def test_unless_the_flow_deletes_an_announced_deletion_is_told(tmp_path, push):
    push("tell", write_message("created"))
    balance = push("tell", write_message("destroyed"))
    assert (balance.fates, balance.vanished, balance.withdrawn) == ({"withheld": 1}, 1, 0)
    assert count_rows(tmp_path) == 1


def test_the_deletion_of_what_never_came_leaves_nothing_to_do(push):
    balance = push("delete", write_message("destroyed", 7))
    assert (balance.fates, balance.vanished) == ({"unchanged": 1}, 0)


def test_a_deletion_that_one_message_announces_twice_is_counted_once(tmp_path, push):
    push("delete", write_message("created"))
    balance = push("delete", write_message("destroyed", times=2))
    assert (balance.fates, balance.vanished, balance.withdrawn) == ({"delivered": 1, "duplicate": 1}, 1, 1)
    assert count_rows(tmp_path) == 0


class _Records(BaseHTTPRequestHandler):
    """Takes records and gives ids; keeps one record for good."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(len(self.server.taken) + 1)
        self._reply(201, json.dumps({"id": str(self.server.taken[-1])}).encode())

    def do_DELETE(self) -> None:
        number = self.path.rpartition("/")[2]
        self.server.deleted.append(number)
        self._reply(409 if number == "1" else 204, b"")

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def api():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Records)
    server.taken, server.deleted = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_api_deletes_by_its_own_ids_and_what_it_keeps_is_tried_again(tmp_path, api):
    address = f"http://127.0.0.1:{api.server_address[1]}"
    api_settings = f'kind = "api", base_url = "{address}", path = "/p", delete_path = "/p/{{id}}", in_flight = 1'
    exports = Exports.at(tmp_path, destination=f"{{ {api_settings} }}", vanished="delete", most_vanished=1)
    exports.send(write_persons(range(3)))
    outcome = exports.send(write_persons([2]))
    assert (outcome.balance.vanished, outcome.balance.withdrawn) == (2, 1)
    assert sorted(api.deleted) == ["1", "2"]
    outcome = exports.send(write_persons([2], tag="x"))
    assert (outcome.balance.vanished, outcome.balance.withdrawn) == (0, 0)
    assert sorted(api.deleted) == ["1", "1", "2"]
    assert exports.send(write_persons([1, 2], tag="x")).balance.fates == {"delivered": 1, "unchanged": 1}
    assert len(api.taken) == 5, "what was deleted is created anew"
