"""The page of a worker: whether it works, in counts alone, also while its database is away."""

from __future__ import annotations

import json
from http.client import HTTPConnection

import pytest

from passerelle.fleet.health_page import HealthPage, serve_health
from passerelle.stores.fleet_counts import FleetState
from passerelle.vocabulary.errors import FatalError

QUIET = FleetState(flows=4, due=1, in_hand=1, workers=2)


def _raise_away() -> FleetState:
    raise FatalError("incident.database.unreachable")


def _get(port: int, path: str, method: str = "GET") -> tuple[int, str, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    told = answer.status, answer.headers["Content-Type"] or "", answer.read().decode()
    connection.close()
    return told


@pytest.mark.parametrize(("state", "word"), [(QUIET, "works"), (FleetState(stranded=1), "late")])
def test_a_worker_says_whether_it_works(state, word):
    with serve_health(HealthPage(lambda: state, lambda: ""), "127.0.0.1", 0) as port:
        status, kind, body = _get(port, "/sante?x=1")
    assert (status, kind, json.loads(body)["state"]) == (200, "application/json", word)


def test_while_the_database_is_away_the_process_answers_that_it_waits():
    page = HealthPage(_raise_away, lambda: str(_raise_away()))
    with serve_health(page, "127.0.0.1", 0) as port:
        for path in ("/sante", "/metrics"):
            status, _kind, body = _get(port, path)
            assert status == 503
            assert json.loads(body) == {"state": "waits", "reason": "incident.database.unreachable"}


def test_figures_are_computed_when_they_are_asked_for():
    asked = iter(["a 1", "a 2"])
    with serve_health(HealthPage(lambda: QUIET, lambda: next(asked)), "127.0.0.1", 0) as port:
        assert [_get(port, "/metrics") for _ in range(2)] == [
            (200, "text/plain; version=0.0.4", "a 1\n"),
            (200, "text/plain; version=0.0.4", "a 2\n"),
        ]


def test_nothing_else_is_there_and_nothing_is_written(capfd):
    with serve_health(HealthPage(lambda: QUIET, lambda: ""), "127.0.0.1", 0) as port:
        assert _get(port, "/jeanne-dupre")[0] == 404
        assert _get(port, "/sante", "POST")[0] == 501
    assert "jeanne" not in "".join(capfd.readouterr())


def test_a_port_that_is_taken_is_told():
    page = HealthPage(lambda: QUIET, lambda: "")
    with (
        serve_health(page, "127.0.0.1", 0) as port,
        pytest.raises(FatalError) as caught,
        serve_health(page, "127.0.0.1", port),
    ):
        pass
    assert caught.value.code == "incident.port.taken"
