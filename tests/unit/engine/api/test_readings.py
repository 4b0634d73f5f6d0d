"""What a token reads, over all contracts and purposes: fields that serve, and nothing that tells of others."""

from __future__ import annotations

import json

import pytest
from live_api_room import open_api
from openapi_spec_validator import validate as validate_openapi

from passerelle import contracts
from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.contracts.processing import NARROWEST_RECIPIENT
from passerelle.contracts.publishing.examples import build_fullest
from passerelle.contracts.query_filters import list_filters
from passerelle.contracts.release import NEVER, find_release
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.api.readings import open_reading
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.stages.gate.minimising import check_purpose
from passerelle.vocabulary.errors import FlowError

CATALOGUE = contracts.catalogue()
PURPOSES = [purpose for purpose in Purpose if purpose not in FIGURES]


def _can_be_read(contract_id: str, purpose: Purpose) -> bool:
    policy = ReleasePolicy(
        purpose=purpose, recipient_kind=NARROWEST_RECIPIENT[purpose], is_consulted=True, has_ground=True
    )
    try:
        check_purpose(CATALOGUE[contract_id], policy)
    except FlowError:
        return False
    return True


PAIRS = [
    (contract_id, purpose) for contract_id in CATALOGUE for purpose in PURPOSES if _can_be_read(contract_id, purpose)
]


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with open_api(tmp_path_factory.mktemp("lectures")) as opened:
        for contract_id, contract in CATALOGUE.items():
            opened.shelf.put_record(contract_id, build_fullest(contract))
        yield opened


def _change(value):
    """Return another value of the same form, where one is easily had."""
    if isinstance(value, dict):
        return {name: _change(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [*map(_change, value)]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value if not isinstance(value, str) else value[:-1] + ("7" if value[-1] != "7" else "8")


@pytest.mark.parametrize(("contract_id", "purpose"), PAIRS)
def test_an_answer_has_the_fields_that_serve_and_tells_of_no_other(room, contract_id, purpose):
    contract, kind = CATALOGUE[contract_id], NARROWEST_RECIPIENT[purpose]
    token = room.make_token(contract_id, purposes=(purpose.value,), may_bulk=True)
    found = room.workspace.api.find_token(token)
    try:
        served = open_reading(room.workspace, room.shelf, found, purpose, contract_id).fields
    except RequestRefusedError:
        # what the processing of the flow does not state is not had
        return
    releases = {name: find_release(contract, name, purpose, kind) for name in contract.list_fields()}
    assert set(served) <= {name for name, release in releases.items() if release != NEVER}
    record = build_fullest(contract)
    hidden = [name for name in record if name not in served]
    with room.make_client(token) as client:
        room.shelf.put_record(contract_id, record)
        (answer,) = client.get(f"/v1/{contract_id}").json()["records"]
        assert set(answer) <= set(served)
        (line,) = client.get("/v1/$bulk", params={"contracts": contract_id}).text.splitlines()[1:-1]
        assert json.loads(line) == {"contract": contract_id, "record": answer}
        document = client.get("/v1/openapi.json").json()
        written = document["components"]["schemas"][contract.__name__]
        assert list(written["properties"]) == list(served)
        parameters = {one["name"] for one in document["paths"][f"/{contract_id}"]["get"]["parameters"]}
        assert {one.name for one in list_filters(contract, served)} <= parameters
        assert not {name for name in hidden if any(one.partition(".")[0] == name for one in parameters)}
        one = client.get(f"/v1/{contract_id}/{answer['ref']}")
        if not hidden:
            return
        # two records that differ in what is not served read alike, by every name that an answer has
        room.shelf.put_record(contract_id, {**record, **{name: _change(record[name]) for name in hidden}})
        other = client.get(f"/v1/{contract_id}/{answer['ref']}")
        assert (other.content, other.headers["etag"]) == (one.content, one.headers["etag"])
        room.shelf.put_record(contract_id, {name: value for name, value in record.items() if name not in hidden})
        less = client.get(f"/v1/{contract_id}/{answer['ref']}")
        assert (json.loads(less.content), less.headers["etag"]) == (json.loads(one.content), one.headers["etag"])


def test_the_document_of_a_token_for_every_contract_is_valid(room):
    with room.ask(*CATALOGUE, purposes=("portability",)) as client:
        document = client.get("/v1/openapi.json").json()
    validate_openapi(document)
    assert set(document["paths"]) >= {f"/{contract_id}" for contract_id in CATALOGUE}


def test_most_contracts_can_be_read_for_most_purposes():
    assert len(PAIRS) > 60
