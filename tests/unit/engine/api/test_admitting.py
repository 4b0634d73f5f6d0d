"""Records that are handed in become a parcel, and a receipt tells what became of them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from live_api_room import SETTINGS, make_visit, open_api, write_canonical

from passerelle import contracts
from passerelle.contracts.publishing.examples import build_fullest
from passerelle.engine.api import admitting
from passerelle.engine.runs.running import run_flows

PATH = "/v1/visit/1"
TAKING = """
[flow.remis]
connector = "contract-records"
purpose = "portability"
source = { kind = "handed" }
destination = { kind = "folder", path = "remises" }
"""


@pytest.fixture
def room(tmp_path):
    (tmp_path / "remises").mkdir()
    with open_api(tmp_path, settings=SETTINGS + TAKING) as opened:
        yield opened


def post(client, records, key="cle-1", path=PATH):
    return client.post(path, json=records, headers={"Idempotency-Key": key})


def list_delivered(folder) -> list[dict]:
    lines = [line for path in sorted((folder / "remises").rglob("*.ndjson")) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def test_records_are_taken_settled_by_a_run_and_told_by_their_receipt(room, tmp_path):
    with room.ask(may_write=True) as client:
        taken = post(client, [make_visit(1), make_visit(2), make_visit(1)])
        assert taken.status_code == 202
        place = taken.headers["location"]
        assert place == f"/v1/receipts/{taken.json()['receipt']}"
        before = client.get(place).json()
        assert (before["settled"], before["received"]) == (False, 0)
        run_flows(room.workspace, ["remis"])
        after = client.get(place).json()
    assert (after["settled"], after["received"], after["contract"]) == (True, 3, "visit/1")
    fates = {name: count for name, count in after["fates"].items() if count}
    assert fates == {"delivered": 2, "duplicate": 1}
    assert len(after["fates"]) == 8
    delivered = list_delivered(tmp_path)
    assert [{name: value for name, value in one.items() if name != "source"} for one in delivered] == [
        make_visit(1),
        make_visit(2),
    ]
    (entry, *_others) = [one for one in room.workspace.journal.list_audit_entries() if one.action == "api.write"]
    assert (entry.subject, entry.who) == ("visit/1 3", "agenda")


def test_who_refused_is_withheld_and_the_receipt_says_so_without_a_value(room):
    room.workspace.consents.record("atelier:person:P1", "portability", False, room.workspace.clock.now())
    with room.ask(may_write=True) as client:
        place = post(client, [make_visit(2), make_visit(1)]).headers["location"]
        run_flows(room.workspace, ["remis"])
        told = client.get(place)
    (item,) = told.json()["items"]
    assert (item["record"], item["fate"], item["code"]) == (1, "withheld", "gate.consent.refused")
    assert "P1" not in told.text


@pytest.mark.parametrize("contract_id", list(contracts.catalogue()))
def test_every_contract_arrives_as_it_was_handed_in(room, tmp_path, contract_id):
    contract = contracts.get(contract_id)
    # the house writes these itself, of what it reads
    own = ("extra", "source", "confirmed_none")
    record = {name: value for name, value in build_fullest(contract).items() if name not in own}
    with room.ask(contract_id, purposes=("portability",), may_write=True) as client:
        place = post(client, record, path=f"/v1/{contract_id}").headers["location"]
        run_flows(room.workspace, ["remis"])
        assert client.get(place).json()["fates"]["delivered"] == 1, client.get(place).json()
    (delivered,) = list_delivered(tmp_path)
    del delivered["source"]
    assert delivered == json.loads(write_canonical(contract, record))


def test_what_is_confirmed_to_be_nothing_stays_so(room, tmp_path):
    with room.ask(may_write=True) as client:
        post(client, {**make_visit(1), "confirmed_none": ["professional_ref"]})
        run_flows(room.workspace, ["remis"])
    assert [one["confirmed_none"] for one in list_delivered(tmp_path)] == [["professional_ref"]]


def test_the_same_key_has_one_effect(room):
    with room.ask(may_write=True) as client, room.ask(may_write=True) as other:
        first, again = post(client, make_visit(1)), post(client, make_visit(1))
        assert (again.status_code, again.json()) == (202, first.json())
        changed = post(client, make_visit(2))
        assert (changed.status_code, changed.json()["code"]) == (422, "api.key.reused")
        assert post(other, make_visit(2)).status_code == 202
        assert client.get(post(other, make_visit(2)).headers["location"]).status_code == 404
        missing = client.post(PATH, json=make_visit(1))
        assert (missing.status_code, missing.json()["code"]) == (400, "api.key.missing")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _nth: post(client, make_visit(3), "cle-3"), range(16)))
        assert {answer.status_code for answer in answers} <= {202, 409}
        receipts = {answer.json()["receipt"] for answer in answers if answer.status_code == 202}
        assert len(receipts) == 1
    assert len(room.workspace.journal.list_parcels("remis")) == 3


def test_what_cannot_be_registered_takes_nothing_and_its_key_begins_anew(room, monkeypatch):
    def refuse(*_arguments):
        raise OSError

    with room.ask(may_write=True) as client:
        with monkeypatch.context() as patch:
            patch.setattr(admitting, "collect", refuse)
            assert post(client, make_visit(1)).status_code == 500
        assert post(client, make_visit(1)).status_code == 202


def test_nothing_of_a_lot_is_taken_when_one_record_is_wrong(room):
    handle = "atelier:person:" + "bcdfghjk" * 4
    with room.ask(may_write=True) as client:
        wrong = post(client, [make_visit(1), {**make_visit(2), "status": "x"}])
        assert (wrong.status_code, wrong.json()["code"]) == (422, "api.record.refused")
        own = post(client, {**make_visit(1), "extra": {"atelier": {"a": "b"}}})
        assert [one["code"] for one in own.json()["errors"]] == ["api.field.own"]
        lent = post(client, {**make_visit(1), "person_ref": handle})
        assert [(one["code"], one["field"]) for one in lent.json()["errors"]] == [("api.field.handle", "person_ref")]
    assert not room.workspace.journal.list_parcels("remis")


def test_who_may_not_write_and_what_no_flow_takes_are_told(tmp_path, room):
    with room.ask() as reader:
        assert post(reader, make_visit(1)).json()["code"] == "api.operation.refused"
    with room.ask(may_write=True) as client:
        assert "post" in client.get("/v1/openapi.json").json()["paths"]["/visit/1"]
    other = tmp_path / "sans"
    other.mkdir()
    with open_api(other) as closed, closed.ask(may_write=True) as client:
        refused = post(client, make_visit(1))
        assert (refused.status_code, refused.json()["code"]) == (403, "api.contract.closed")
        paths = client.get("/v1/openapi.json").json()["paths"]
        assert "/visit/1" not in paths
        assert "/visit/1/$check" in paths
