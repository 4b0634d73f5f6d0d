"""Records that are handed in: read strictly, judged as a run judges them, told all at once and without a value."""

from __future__ import annotations

import json
import socket

import pytest
from live_api_room import make_visit, open_api

from passerelle import contracts
from passerelle.contracts.publishing.examples import build_fullest, iter_refused
from passerelle.engine.api.handed_records import judge_records, read_records, refuse_wrong
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.faces.web.api import bodies

CHECK = "/v1/visit/1/$check"
CANARY = "Zzyx-valeur-marquée"


@pytest.fixture
def room(tmp_path):
    with open_api(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("contract_id", list(contracts.catalogue()))
def test_every_contract_is_judged_as_its_published_cases_say(contract_id):
    contract = contracts.get(contract_id)
    assert judge_records(contract_id, [build_fullest(contract)]).refusing == ()
    for case in iter_refused(contract):
        verdict = judge_records(contract_id, [build_fullest(contract), case["record"]])
        assert case["reason"] in {fault.code for fault in verdict.refusing}
        assert {fault.record for fault in verdict.refusing} == {1}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "api.body.unreadable"),
        (b"{", "api.body.unreadable"),
        (b'{"ref": "a", "ref": "b"}', "api.body.unreadable"),
        (b'{"ref": NaN}', "api.body.unreadable"),
        (b'"\xff"', "api.body.unreadable"),
        (b"[" * 10_000, "api.body.unreadable"),
        (b"[]", "api.body.empty"),
        (b"[" + b"{}," * 1_000 + b"{}]", "api.body.many"),
    ],
)
def test_what_is_no_json_of_records_is_refused(body, code):
    with pytest.raises(RequestRefusedError) as raised:
        read_records(body)
    assert raised.value.code == code


@pytest.mark.parametrize("body", [b"1", b"null", b'"x"', b"[[]]", b'{"ref": 1e400}', b'{"ref": "a\\u0000"}', b"[1]"])
def test_what_is_json_and_no_record_is_judged_and_told(body):
    with pytest.raises(RequestRefusedError) as raised:
        refuse_wrong(judge_records("visit/1", read_records(body)))
    assert raised.value.status == 422


def post(client, content, **headers):
    return client.post(CHECK, content=content, headers={"Content-Type": "application/json", **headers})


def test_a_check_says_what_records_are_worth_and_takes_nothing(room):
    with room.ask(may_write=True) as client:
        good = post(client, json.dumps([make_visit(1), make_visit(2)]))
        assert (good.status_code, good.json()) == (200, {"records": 2, "warnings": []})
        wrong = {**make_visit(3), "planned_start": CANARY, CANARY: CANARY, "person_ref": CANARY}
        bad = post(client, json.dumps([make_visit(1), wrong]))
        problem = bad.json()
        assert (bad.status_code, problem["code"]) == (422, "api.record.refused")
        assert {(one["record"], one.get("field")) for one in problem["errors"]} >= {
            (1, "planned_start"),
            (1, "person_ref"),
        }
        assert "Zzyx" not in bad.text
    assert not room.workspace.journal.list_parcels()
    assert "1 " in problem["detail"]


def test_bodies_are_bounded_json_of_tokens_that_may_write(room, monkeypatch):
    with room.ask() as reader:
        refused = post(reader, json.dumps(make_visit(1)))
        assert (refused.status_code, refused.json()["code"]) == (403, "api.operation.refused")
        assert "/visit/1/$check" not in reader.get("/v1/openapi.json").json()["paths"]
    with room.ask(may_write=True) as client:
        assert client.post("/v1/person/1/$check", json={}).status_code == 404
        assert client.post(CHECK, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
        assert post(client, b"{}", **{"Content-Encoding": "gzip"}).status_code == 415
        assert "/visit/1/$check" in client.get("/v1/openapi.json").json()["paths"]
        monkeypatch.setattr(bodies, "LARGEST_BODY", 1_000)
        assert post(client, b" " * 1_001).status_code == 413
        assert post(client, iter([b" " * 600, b" " * 600])).status_code == 413


def test_a_body_that_does_not_come_is_not_waited_for_for_ever(room, monkeypatch):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    token = room.make_token(may_write=True)
    host, _colon, port = room.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as line:
        head = (
            f"POST {CHECK} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        )
        line.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        answer = line.recv(4_096).decode()
    assert answer.startswith("HTTP/1.1 400")
