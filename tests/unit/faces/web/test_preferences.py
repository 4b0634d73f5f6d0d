"""What a client prefers (RFC 7240) is kept where it can be, said to be, and never more than is good for the others."""

from __future__ import annotations

import threading

import pytest
from live_api_room import SETTINGS, make_visit, open_api

from passerelle.engine.runs.running import run_flows
from passerelle.faces.web.api import preferences
from passerelle.faces.web.api.preferences import read_preferences

PATH = "/v1/visit/1"
TAKING = """
[flow.remis]
connector = "contract-records"
purpose = "portability"
source = { kind = "handed" }
destination = { kind = "shelf", days = 400 }
"""


@pytest.fixture
def room(tmp_path):
    with open_api(tmp_path, settings=SETTINGS + TAKING, is_real=True) as opened:
        yield opened


def post(client, prefer, key="a"):
    return client.post(PATH, json=make_visit(1), headers={"Idempotency-Key": key, "Prefer": prefer})


def test_who_waits_is_told_the_fates_as_soon_as_a_run_settled_them(room):
    with room.ask(may_write=True) as client:
        running = threading.Timer(0.3, run_flows, (room.workspace, ["remis"]))
        running.start()
        told = post(client, "wait=10")
        running.join()
        assert (told.status_code, told.headers["preference-applied"]) == (200, "wait=10")
        assert told.json()["fates"]["delivered"] == 1
        assert client.get(told.headers["location"]).json() == told.json()
        # settled already: nobody waits
        assert post(client, "respond-sync").json() == told.json()


def test_who_waits_in_vain_has_its_receipt_all_the_same(room, monkeypatch):
    monkeypatch.setattr(preferences, "LONGEST_WAIT", 1)
    with room.ask(may_write=True) as client:
        taken = post(client, "wait=3600")
        assert taken.status_code == 202
        assert "preference-applied" not in taken.headers
        assert taken.json()["receipt"] in taken.headers["location"]


def test_who_wants_little_hears_little(room):
    with room.ask(may_write=True) as client:
        taken = post(client, "respond-async, wait=10, return=minimal")
        assert (taken.status_code, taken.content) == (202, b"")
        assert taken.headers["preference-applied"] == "return=minimal, respond-async"
        assert client.get(taken.headers["location"]).status_code == 200
        # what is no write is answered as ever
        assert client.get(PATH, headers={"Prefer": "return=minimal, wait=10"}).status_code in (200, 404)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", []),
        ("Wait=10", ["wait=10"]),
        ('return="minimal"; foo=bar, , respond-async', ["return=minimal", "respond-async"]),
        ("wait = 10", ["wait=10"]),
    ],
)
def test_preferences_are_read_as_the_standard_writes_them(header, found):
    assert read_preferences([header]) == found
