"""One record is written at its address: what comes back as it was read stays; of two writers at once one is told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from live_api_room import SETTINGS, follow, make_visit, open_api

from passerelle import contracts
from passerelle.contracts.publishing.examples import build_fullest
from passerelle.engine.runs.running import run_flows
from passerelle.vocabulary.shelf import RemovalCause

PATH = "/v1/visit/1"
OWN = f"{PATH}/agenda:visit:1"
TAKING = """
[flow.remis]
connector = "contract-records"
purpose = "portability"
source = { kind = "handed" }
vanished = "delete"
destination = { kind = "shelf", days = 400 }
"""


@pytest.fixture
def room(tmp_path):
    with open_api(tmp_path, settings=SETTINGS + TAKING, is_real=True) as opened:
        yield opened


def make_own(**fields):
    return make_visit(1, ref="agenda:visit:1", person_ref="agenda:person:1", **fields)


def put(client, record, address=OWN, **headers):
    return client.put(address, json=record, headers={name.replace("_", "-"): text for name, text in headers.items()})


def settle(room):
    run_flows(room.workspace, ["remis"])


def read_receipt(client, answer):
    return {name: count for name, count in client.get(answer.headers["location"]).json()["fates"].items() if count}


def get_code(answer):
    return answer.status_code, answer.json()["code"]


def test_what_is_put_is_read_in_canonical_form_and_a_check_says_so_before(room):
    own = ("extra", "source", "confirmed_none")
    records = {
        f"/v1/{contract_id}": {name: value for name, value in build_fullest(contract).items() if name not in own}
        for contract_id, contract in contracts.catalogue().items()
    }

    def put_each(client):
        taken = [put(client, record, f"{path}/{record['ref']}") for path, record in records.items()]
        settle(room)
        return [read_receipt(client, answer) for answer in taken]

    with room.ask(*contracts.catalogue(), purposes=("portability",), may_write=True) as client:
        for path, record in records.items():
            assert client.post(f"{path}/$check", json=record).status_code == 200
        assert put_each(client) == [{"delivered": 1}] * len(records)
        for path, record in records.items():
            there = client.get(f"{path}/{record['ref']}").json()
            assert {name: value for name, value in there.items() if name != "source"} == record
        # what comes back as it was read changes nothing
        assert put_each(client) == [{"unchanged": 1}] * len(records)


def test_of_two_who_write_what_they_read_one_is_told(room):
    with room.ask(purposes=("portability",), may_write=True) as client:
        put(client, make_own())
        settle(room)
        etag = client.get(OWN).headers["etag"]
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(
                    lambda nth: put(client, make_own(status="cancelled", comment=f"{nth}"), If_Match=etag), range(8)
                )
            )
        assert sorted(answer.status_code for answer in answers) == [202, *[412] * 7]
        settle(room)
        assert get_code(put(client, make_own(), If_Match=etag)) == (412, "api.record.changed")
        later = client.get(OWN).headers["etag"]
        assert put(client, make_own(), If_Match=f'"x", {later}').status_code == 202
        # not settled yet: whoever reads now reads what is about to change
        assert put(client, make_own(), If_Match=later).status_code == 412
        assert put(client, make_own(), If_Match="*").status_code == 412


def test_a_new_record_is_put_once_where_its_client_says_so(room):
    with room.ask(purposes=("portability",), may_write=True) as client:
        assert put(client, make_own(), If_Match="*").status_code == 412
        assert put(client, make_own(), If_None_Match="*").status_code == 202
        assert put(client, make_own(), If_None_Match="*").status_code == 412
        settle(room)
        assert put(client, make_own(), If_None_Match="*").status_code == 412
        assert put(client, make_own(), If_None_Match=client.get(OWN).headers["etag"]).status_code == 412


def test_what_a_client_does_not_read_stays_when_it_writes_what_it_read(room):
    with room.ask(purposes=("portability",), may_write=True) as whole, room.ask(may_write=True) as agenda:
        put(whole, make_own(comment="fatigue", confirmed_none=["professional_ref"]))
        settle(room)
        (read,) = agenda.get(PATH).json()["records"]
        assert "comment" not in read
        address = f"{PATH}/{read['ref']}"
        changed = {**read, "planned_end": "2026-11-02T11:00:00+01:00"}
        taken = put(agenda, changed, address, If_Match=agenda.get(address).headers["etag"])
        assert taken.status_code == 202, taken.json()
        # a second one before the run would bring back what is about to change
        assert get_code(put(agenda, changed, address)) == (409, "api.record.pending")
        settle(room)
        now = whole.get(OWN).json()
        assert (now["comment"], now["person_ref"]) == ("fatigue", "agenda:person:1")
        assert (now["planned_end"], now["confirmed_none"]) == ("2026-11-02T11:00:00+01:00", ["professional_ref"])
        assert agenda.get(address).json() == changed


def test_a_reference_that_its_client_reads_under_a_handle_leads_to_its_record(room):
    person = {"ref": "agenda:person:7", "birth_name": "Inventée", "first_names": "Zoé"}
    with room.ask("person/1", purposes=("portability",), may_write=True) as whole:
        whole.post("/v1/person/1", json=person, headers={"Idempotency-Key": "a"})
        settle(room)
    with room.ask("person/1", "visit/1", may_write=True) as agenda, room.ask(may_write=True) as other:
        handle = agenda.get("/v1/person/1").json()["records"][0]["ref"]
        assert put(agenda, make_visit(1, ref="agenda:visit:1", person_ref=handle)).status_code == 202
        # whoever does not read the person learns nothing of the handle
        refused = put(other, make_visit(2, ref="agenda:visit:2", person_ref=handle), f"{PATH}/agenda:visit:2")
        assert [fault["code"] for fault in refused.json()["errors"]] == ["api.field.handle"]
        settle(room)
        assert agenda.get(PATH).json()["records"][0]["person_ref"] == handle


def test_a_deletion_is_a_parcel_that_ends_as_a_removal_with_its_cause(room):
    with room.ask(purposes=("portability",), may_write=True) as client:
        put(client, make_own())
        settle(room)
        _there, cursor = follow(client, PATH)
        etag = client.get(OWN).headers["etag"]
        assert get_code(client.delete(OWN, headers={"If-Match": '"x"'})) == (412, "api.record.changed")
        gone = client.delete(OWN, headers={"If-Match": etag})
        assert gone.status_code == 202
        settle(room)
        assert read_receipt(client, gone) == {"delivered": 1}
        assert get_code(client.get(OWN)) == get_code(client.delete(OWN)) == (410, "api.record.gone")
        assert follow(client, PATH, cursor)[0] == {"agenda:visit:1": None}
        assert get_code(client.delete(f"{PATH}/agenda:visit:9")) == (404, "api.record.unknown")
        (scope,) = room.workspace.shelf.list_scopes()
        assert room.workspace.shelf.find_change(scope, "agenda:visit:1").cause is RemovalCause.ASKED
        # it may come back
        assert put(client, make_own(comment="de retour")).status_code == 202
        settle(room)
        assert client.get(OWN).json()["comment"] == "de retour"
    acts = [entry.action for entry in room.workspace.journal.list_audit_entries() if entry.action.startswith("api.")]
    assert acts.count("api.delete") == 1


def test_where_nothing_is_taken_back_a_deletion_is_refused_and_the_document_has_none(tmp_path):
    with (
        open_api(tmp_path, settings=SETTINGS + TAKING.replace("delete", "tell"), is_real=True) as room,
        room.ask(purposes=("portability",), may_write=True) as client,
    ):
        put(client, make_own())
        settle(room)
        refused = client.delete(OWN)
        assert get_code(refused) == (405, "api.deletion.refused")
        assert refused.headers["allow"] == "GET, HEAD, PUT"
        assert set(client.get("/v1/openapi.json").json()["paths"]["/visit/1/{ref}"]) == {"parameters", "get", "put"}


def test_what_another_flow_brings_is_changed_where_it_comes_from(tmp_path):
    with open_api(tmp_path, settings=SETTINGS + TAKING) as room:
        room.shelf.put_record("visit/1", make_visit(1))
        with room.ask(may_write=True) as client:
            (record,) = client.get(PATH).json()["records"]
            address = f"{PATH}/{record['ref']}"
            assert get_code(put(client, record, address)) == (409, "api.record.elsewhere")
            assert get_code(client.delete(address)) == (409, "api.record.elsewhere")
            # who refused is nobody, also for whoever writes
            room.workspace.consents.record("atelier:person:P1", "planning", False, room.workspace.clock.now())
            assert get_code(put(client, record, address)) == (404, "api.record.unknown")
            assert get_code(put(client, record, f"{PATH}/atelier:visit:{'bcdf' * 8}")) == (404, "api.record.unknown")


def test_what_cannot_be_put_is_told_and_takes_nothing(room):
    with room.ask(purposes=("portability",), may_write=True) as client, room.ask() as reader:
        assert get_code(put(reader, make_own())) == (403, "api.operation.refused")
        assert get_code(put(client, [make_own()])) == (422, "api.record.refused")
        assert get_code(put(client, make_own(), f"{PATH}/agenda:visit:2")) == (422, "api.record.address")
        assert get_code(put(client, make_own(status="x"))) == (422, "api.record.refused")
        assert get_code(put(client, make_own(), f"{PATH}/rien")) == (404, "api.record.unknown")
        assert get_code(put(client, make_own(), "/v1/person/1/agenda:person:1")) == (404, "api.contract.unknown")
    assert not room.workspace.journal.list_parcels("remis")


def test_a_key_stands_for_its_request_whatever_another_body_is_worth(room):
    headers = {"Idempotency-Key": "cle"}
    with room.ask(purposes=("portability",), may_write=True) as client:
        first = client.post(PATH, json=make_own(), headers=headers)
        for body in (json.dumps(make_own(status="x")), "[]", "{", json.dumps(make_own(comment="autre"))):
            other = client.post(PATH, content=body, headers={**headers, "Content-Type": "application/json"})
            assert get_code(other) == (422, "api.key.reused")
        assert client.post(PATH, json=make_own(), headers=headers).json() == first.json()
        one = put(client, make_own(), Idempotency_Key="cle")
        assert one.json() != first.json()
        assert put(client, make_own(), Idempotency_Key="cle").json() == one.json()
        assert get_code(put(client, make_own(comment="autre"), Idempotency_Key="cle")) == (422, "api.key.reused")
        gone = [client.delete(OWN, headers=headers) for _time in range(2)]
        assert {answer.status_code for answer in gone} == {404}
        settle(room)
        gone = [client.delete(OWN, headers=headers) for _time in range(2)]
        assert gone[0].json() == gone[1].json()


def test_what_a_shelf_alone_keeps_is_read_by_handles_too(room):
    with room.ask(may_write=True) as client:
        put(client, make_own())
        settle(room)
        told = client.get(PATH).text
        assert "agenda:visit:1" not in told
        assert "agenda:person:1" not in told
        assert client.get(OWN).status_code == 404
