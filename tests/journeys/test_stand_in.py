"""The stand-in keeps its promises, for the journeys that lean on it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
VISIT = {"ref": "x:visit:1", "planned_start": "2024-11-04T08:00:00+01:00", "planned_end": "2024-11-04T09:00:00+01:00"}
TOO_LONG = VISIT | {"planned_end": "2024-11-04T20:00:00+01:00"}


@contextmanager
def stand_in(state: Path, *options: str):
    command = [sys.executable, "-m", "examples.stand_in", "--state", str(state), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            with httpx.Client(base_url=server.stdout.readline().strip(), trust_env=False, timeout=10) as client:
                yield client
        finally:
            server.terminate()


def post(client: httpx.Client, body: object, key: str = "k1") -> httpx.Response:
    return client.post(
        "/recepteur/visits", json=body, headers={"Authorization": "Bearer demo-token", "Idempotency-Key": key}
    )


def effects(client: httpx.Client) -> list[dict]:
    return client.get("/_effects").json()["effects"]


@pytest.fixture
def calm(tmp_path: Path):
    with stand_in(tmp_path / "state.sqlite3", "--faults", "0") as client:
        yield client


def test_the_same_key_and_body_act_once_and_get_the_first_answer_again(calm):
    first, again = post(calm, VISIT), post(calm, VISIT)
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, first.json())
    assert len(effects(calm)) == 1


def test_the_same_key_with_another_body_is_refused(calm):
    post(calm, VISIT)
    other = post(calm, VISIT | {"comment": "autre"})
    assert (other.status_code, other.json()) == (422, {"code": "idempotency_key_reused"})


def test_what_it_took_is_exported_under_its_own_ids_and_what_it_refused_is_not(calm):
    first, again = post(calm, VISIT), post(calm, VISIT | {"comment": "autre"}, "k2")
    post(calm, TOO_LONG | {"ref": "x:visit:2"}, "k3")
    told = calm.get("/_export/visits").json()["records"]
    assert told == [VISIT | {"comment": "autre", "ref": f"nouveau:visit:{again.json()['id']}"}]
    assert again.json() != first.json()


def test_a_refusal_says_its_code_and_stays(calm):
    assert [post(calm, TOO_LONG).json() for _ in range(2)] == [{"code": "visit_too_long"}] * 2


def test_a_lot_takes_each_record_under_its_own_key(calm):
    members = [{"idempotency_key": "a", "record": VISIT}, {"idempotency_key": "b", "record": TOO_LONG}]
    answer = post(calm, {"records": members}, key="lot")
    assert [result["status"] for result in answer.json()["results"]] == [201, 422]
    assert [(effect["key"], effect["status"]) for effect in effects(calm)] == [("a", 201), ("b", 422)]


def test_without_the_token_nothing_is_done(calm):
    assert calm.post("/recepteur/visits", json=VISIT, headers={"Idempotency-Key": "k"}).status_code == 401
    assert effects(calm) == []


def test_effects_survive_a_restart(tmp_path):
    for _ in range(2):
        with stand_in(tmp_path / "state.sqlite3", "--faults", "0") as client:
            assert post(client, VISIT).status_code == 201
            assert len(effects(client)) == 1


def test_accidents_come_before_and_after_the_effect_and_are_over_at_the_second_try(tmp_path):
    with stand_in(tmp_path / "state.sqlite3", "--faults", "1") as client:
        seen = [_first_try(client, number) for number in range(20)]
        assert {"before", "after", "cut"} == set(seen)
        again = [post(client, VISIT | {"ref": f"x:visit:{number}"}, f"k{number}") for number in range(20)]
        assert {answer.status_code for answer in again} == {201}
        assert len(effects(client)) == 20


def _first_try(client: httpx.Client, number: int) -> str:
    key = f"k{number}"
    try:
        answer = post(client, VISIT | {"ref": f"x:visit:{number}"}, key)
    except httpx.TransportError:
        return "cut"
    assert answer.status_code == 500
    return "after" if key in {effect["key"] for effect in effects(client)} else "before"


def test_pages_need_a_token_and_end(calm):
    assert calm.get("/grc/v1/contacts").status_code == 401
    headers = {"Authorization": f"Bearer {_token(calm)}"}
    first = calm.get("/grc/v1/contacts?after=0&limit=100", headers=headers).json()
    last = calm.get(first["next"], headers=headers).json()
    assert (len(first["contacts"]), len(last["contacts"]), last["next"]) == (100, 20, None)


def test_asking_too_fast_is_told_with_a_delay(tmp_path):
    with stand_in(tmp_path / "state.sqlite3", "--faults", "0", "--per-second", "2") as client:
        headers = {"Authorization": f"Bearer {_token(client)}"}
        answers = [client.get("/grc/v1/contacts", headers=headers) for _ in range(6)]
        slowed = [answer for answer in answers if answer.status_code == 429]
        assert slowed
        assert {answer.headers["Retry-After"] for answer in slowed} == {"1"}


def test_a_wrong_secret_gets_no_token(calm):
    form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "autre"}
    assert calm.post("/grc/oauth/token", data=form).status_code == 401


def _token(client: httpx.Client) -> str:
    form = {"grant_type": "client_credentials"}
    return client.post("/grc/oauth/token", data=form, auth=("demo", "demo-secret")).json()["access_token"]
