"""What is written down of answers, and what never leaves: values without scope are in no answer, header or log."""

from __future__ import annotations

import json

import pytest
from live_api_room import follow, make_visit, open_api

from passerelle.engine.persons.subject_finding import find_readings

PATH = "/v1/visit/1"
CANARY = "Zzyx-valeur-marquée"


@pytest.fixture
def room(tmp_path):
    with open_api(tmp_path) as opened:
        yield opened


def list_readings(room) -> list[tuple[str, str]]:
    entries = room.workspace.journal.list_audit_entries()
    return [(entry.subject, entry.who) for entry in entries if entry.action == "api.read"]


def test_every_answer_with_records_leaves_an_entry_and_no_other_does(room):
    for number in range(5):
        room.shelf.put_record("visit/1", make_visit(number))
    with room.ask() as client:
        client.get(PATH, params={"limit": 3})
        assert list_readings(room) == [("visit/1 3", "agenda")]
        there, cursor = follow(client, PATH)
        one = client.get(f"{PATH}/{next(iter(there))}")
        assert list_readings(room)[1:] == [("visit/1 5", "agenda"), ("visit/1 1", "agenda")]
        # nothing new, nothing found, nothing changed: nobody was read of
        client.get(PATH, params={"since": cursor})
        client.get(PATH, params={"person_ref": "atelier:person:P77"})
        client.get(f"{PATH}/atelier:visit:V77")
        client.get(f"{PATH}/{next(iter(there))}", headers={"If-None-Match": one.headers["etag"]})
        client.get("/v1/openapi.json")
        assert len(list_readings(room)) == 3


def test_who_was_read_of_can_be_told_by_whom_and_what_for(room):
    for number in range(3):
        room.shelf.put_record("visit/1", make_visit(number, person_ref="atelier:person:P1"))
    with room.ask() as client, room.ask(client="paie", purposes=("pay",), recipient="processor") as other:
        client.get(PATH, params={"limit": 2})
        client.get(PATH)
        other.get(PATH)
    readings = find_readings(room.workspace, "atelier:person:P1")
    assert [(one.client, one.purpose, one.records) for one in readings] == [
        ("agenda", "planning", 5),
        ("paie", "pay", 3),
    ]
    assert find_readings(room.workspace, "atelier:person:P2") == ()


def test_an_entry_that_cannot_be_written_keeps_its_answer_back(room, monkeypatch):
    room.shelf.put_record("visit/1", make_visit(1))

    def refuse(*_arguments):
        raise OSError(CANARY)

    monkeypatch.setattr(room.workspace.api, "note_readings", refuse)
    with room.ask() as client:
        answer = client.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (500, "api.service.failed")
    assert CANARY not in answer.text


def test_no_value_without_scope_is_in_an_answer_a_header_or_the_log(room, capfd):
    room.shelf.put_record("visit/1", make_visit(1, extra={"atelier": {CANARY: CANARY}}))
    room.shelf.put("visit/1", f"atelier:visit:{CANARY[:4]}2", None)
    with room.ask() as client:
        answers = [
            client.get(PATH),
            client.get(PATH, params={"since": ""}),
            client.get(PATH, params={"person_ref": f"atelier:person:{CANARY[:4]}"}),
            client.get(PATH, params={CANARY: CANARY}),
            client.get(PATH, params={"since": CANARY}),
            client.get(f"{PATH}/atelier:visit:{CANARY}"),
            client.get(f"/v1/{CANARY}/1"),
            client.get(f"/{CANARY}"),
            client.get(PATH, headers={"Accept": "text/Zzyx", "Accept-Language": "Zzyx"}),
            client.get(PATH, headers={"Passerelle-Purpose": "Zzyx"}),
            client.get(PATH, headers={"Authorization": "Bearer Zzyx"}),
            client.request("BREW", f"{PATH}/{CANARY}"),
            client.get("/v1/openapi.json"),
        ]
    assert {answer.status_code for answer in answers} == {200, 400, 401, 403, 404, 405, 406}
    for answer in answers:
        assert "Zzyx" not in json.dumps(dict(answer.headers)) + answer.text
    assert "Zzyx" not in "".join(capfd.readouterr())
