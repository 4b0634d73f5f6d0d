"""Records become Bundles that are read back the same; the server's answers decide their fate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle import contracts
from passerelle.edges.destinations.response_rules import find_results, read_response
from passerelle.extension.loading import load_plugins
from passerelle.testing.document_round_trip import read_back, write_documents
from passerelle.testing.samples import take
from passerelle.vocabulary.outcomes import Fate

NOMINAL = (Path(__file__).parents[1] / "samples/fhir/nominal.json").read_bytes()
SUPPLIER, BUNDLES, _ = load_plugins().find_connector("tddui-fhir")
_, SERVER, _ = load_plugins().find_connector("tddui-fhir-server")
CONTRACTS = [writing.contract for writing in BUNDLES.writes]


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Leave out what FHIR said beyond the contract."""
    return {name: value for name, value in record.items() if name not in ("extra", "source")}


def _records() -> dict[str, list[dict[str, Any]]]:
    by_contract: dict[str, list[dict[str, Any]]] = {}
    for line in take(NOMINAL, SUPPLIER, BUNDLES).records:
        by_contract.setdefault(line["contract"], []).append(_plain(line["record"]))
    return by_contract


RECORDS = _records()


def _bundle(connector: Any, **records: list[dict[str, Any]]) -> dict[str, Any]:
    by_contract = {name.replace("_1", "/1"): bodies for name, bodies in records.items()}
    ((_contract, content),) = write_documents(by_contract, SUPPLIER, connector)
    return dict(json.loads(content))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_is_written_is_read_back_the_same(contract):
    went = RECORDS[contract]
    back = read_back({contract: went}, SUPPLIER, BUNDLES)
    came = [back[contract, record["ref"]] for record in went]
    assert [_plain(one) for one in came] == [_say_once(one) for one in went]


def _say_once(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without repeated numbers: the same one in an older place of the profile is written once."""
    numbers = record.get("identifiers", [])
    once = [number for place, number in enumerate(numbers, 1) if number not in numbers[place:]]
    return {**record, "identifiers": once} if numbers else record


NAMES = st.text("ABCÉÈabcéèê '-", min_size=1, max_size=20).map(lambda text: " ".join(text.split()))
# an apostrophe before a sign is how a spreadsheet keeps it from computing, and is taken off wherever it is read
NAMES = NAMES.filter(lambda text: text and not text.startswith("'-"))
PERSONS = st.fixed_dictionaries(
    {"ref": st.text("!$&*+,-./0123456789@AZaz", min_size=1, max_size=30).map(lambda local: f"tddui:person:{local}")},
    optional={
        "birth_name": NAMES,
        "usual_name": NAMES,
        "first_names": NAMES,
        "used_first_name": NAMES,
        "birth_date": st.sampled_from(["1947", "1947-04", "1947-04-03"]),
        "birth_place": NAMES,
        "identifiers": st.just([{"system": "ipp", "value": "A/1"}]),
        "telecoms": st.just(
            [{"kind": "phone", "value": "+33563000001"}, {"kind": "email", "value": "a@exemple.invalid"}]
        ),
        "addresses": NAMES.map(lambda city: [{"lines": ["1 rue Basse"], "city": city, "use": "home"}]),
    },
)


@settings(max_examples=10, deadline=None)
@given(PERSONS)
def test_any_person_that_the_bundle_has_room_for_comes_back_the_same(person):
    person = {name: person[name] for name in contracts.get("person/1").list_fields() if name in person}
    back = read_back({"person/1": [person]}, SUPPLIER, BUNDLES)
    assert _plain(back["person/1", person["ref"]]) == person


def test_a_bundle_creates_every_resource_and_refers_by_identifier():
    bundle = _bundle(BUNDLES, stay_1=RECORDS["stay/1"][:1])
    (entry,) = bundle["entry"]
    assert bundle["type"] == "transaction"
    assert entry["request"] == {"method": "POST", "url": "Encounter"}
    assert entry["fullUrl"].startswith("urn:uuid:")
    assert entry["resource"]["subject"]["identifier"]["value"] == "3990000017/4711"
    assert entry["resource"]["class"]["code"] == "HH"
    assert _bundle(BUNDLES, stay_1=RECORDS["stay/1"][:1]) == bundle


def test_a_server_is_asked_to_update_by_identifier_each_entry_on_its_own():
    bundle = _bundle(SERVER, person_1=[{"ref": "tddui:person:3990000017/47&11", "birth_name": "LACAM"}])
    (entry,) = bundle["entry"]
    assert bundle["type"] == "batch"
    system = "https%3A%2F%2Fidentifiant-medicosocial-localusager.esante.gouv.fr"
    asked = {"method": "PUT", "url": f"Patient?identifier={system}%7C3990000017%2F47%2611"}
    assert entry["request"] == asked


def test_a_reference_of_other_software_is_written_whole():
    (entry,) = _bundle(BUNDLES, person_1=[{"ref": "logiciel:person:7", "birth_name": "LACAM"}])["entry"]
    assert entry["resource"]["identifier"][0]["value"] == "logiciel:person:7"


def _fates(answer: dict[str, Any], groups: int, status: int = 200) -> list[Any]:
    says = SERVER.send.says
    return [
        read_response(says, result, status=status, first=True) for result in find_results(says, answer, groups) or ()
    ]


def test_each_entry_of_the_answer_decides_its_record():
    refused = {"response": {"status": "422", "outcome": {"issue": [{"code": "invalid", "diagnostics": "DURAND"}]}}}
    made = {"response": {"status": "201 Created", "location": "Patient/12/_history/1"}}
    found = _fates({"entry": [made, refused, {"response": {}}]}, 3)
    assert [one.fate for one in found] == [Fate.DELIVERED, Fate.REFUSED, Fate.UNKNOWN]
    assert found[0].remote_id == "Patient/12/_history/1"
    assert dict(found[1].details) == {"status": "422", "code": "invalid"}


def test_an_answer_with_another_number_of_entries_says_nothing():
    assert _fates({"entry": []}, 2) == []


def test_an_operation_outcome_refuses_all():
    says = SERVER.send.says
    answer = read_response(says, {"issue": [{"code": "processing"}]}, status=400, first=True)
    assert (answer.fate, answer.details["code"]) == (Fate.REFUSED, "processing")
