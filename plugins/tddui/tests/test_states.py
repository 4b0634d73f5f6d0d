"""States of the guide that circulate, numbers by their type, and what references lead to."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import SampleOutcome, take

SUPPLIER, BUNDLES, _ = load_plugins(["tddui"]).find_connector("tddui-fhir")
LOCAL, INS = "https://identifiant-medicosocial-localusager.esante.gouv.fr", "1.2.250.1.213.1.4.8"
STAYS = "https://identifiant-medicosocial-sejour.esante.gouv.fr"
NUMBER = "190017512345655"
PERSON = "tddui:person:3990000017/4242"


def _make(kind: str, number: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": number, "identifier": [{"value": f"3990000017/4242-{number}"}], **more}


PATIENT = _make("Patient", "p") | {"identifier": [{"system": LOCAL, "value": "3990000017/4242"}]}
OF_PATIENT = {"subject": {"reference": "Patient/p"}}
PLAN = _make("CarePlan", "plan", **OF_PATIENT)
GOAL = _make("Goal", "goal", lifecycleStatus="active", **OF_PATIENT)


def _read(*resources: dict[str, Any]) -> SampleOutcome:
    entries = [
        {"fullUrl": f"https://a.example/{one['resourceType']}/{one['id']}", "resource": one} for one in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return take(json.dumps(bundle).encode(), SUPPLIER, BUNDLES)


def _list_records(told: SampleOutcome, contract: str) -> list[dict[str, Any]]:
    return [line["record"] for line in told.records if line["contract"] == contract]


def _stay(*numbers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**_make("Encounter", "stay", status="in-progress", **OF_PATIENT, **more), "identifier": [*numbers]}


def _type(code: str) -> dict[str, Any]:
    return {"type": {"coding": [{"code": code}]}}


OWN = {**_type("SEJ"), "system": STAYS, "value": "3990000017/4242-SEJOUR-1"}
FILE = {**_type("NUMDOSS"), "system": STAYS, "value": "1012"}


@pytest.mark.parametrize("numbers", [(OWN, FILE), (FILE, OWN)], ids=["own first", "file first"])
def test_a_stay_goes_by_its_own_number_and_keeps_that_of_its_file(numbers):
    (stay,) = _list_records(_read(PATIENT, _stay(*numbers)), "stay/1")
    assert (stay["ref"], stay["file_number"]) == ("tddui:stay:3990000017/4242-SEJOUR-1", "1012")


@pytest.mark.parametrize(
    "number",
    [
        {"system": STAYS.replace("esante.gouv", "cnsa")},
        {"system": STAYS.replace("https", "http")},
        {**_type("SEJ"), "system": STAYS.replace("esante.gouv", "cnsa")},
        _type("SEJ"),
    ],
    ids=["of the CNSA", "http", "of the CNSA, typed", "typed alone"],
)
def test_a_stay_of_an_earlier_state_is_a_stay(number):
    found = _read(PATIENT, _stay({**number, "value": "3990000017/4242-SEJOUR-1"}))
    assert [one["ref"] for one in _list_records(found, "stay/1")] == ["tddui:stay:3990000017/4242-SEJOUR-1"]


def test_a_stay_is_known_by_what_only_stays_have():
    url = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/tddui-admission-date"
    found = _read(PATIENT, _stay({"value": "S-1"}, extension=[{"url": url, "valueDateTime": "2024-03-04"}]))
    assert [one["admitted_on"] for one in _list_records(found, "stay/1")] == ["2024-03-04"]


@pytest.mark.parametrize("system", [f"urn:oid:{INS}", INS, f"URN:OID:{INS}", f"oid:{INS}"])
def test_the_root_of_a_number_is_read_however_it_is_written(system):
    person = {**PATIENT, "identifier": [{"system": system, "value": NUMBER}, *PATIENT["identifier"]]}
    (read,) = _list_records(_read(person), "person/1")
    assert (read["ref"], read["identifiers"]) == (PERSON, [{"system": "ins", "value": NUMBER}])


@pytest.mark.parametrize(("kind", "expected"), [("INS-NIR", "ins"), ("NH", "nir"), ("PI", None)])
def test_a_number_without_system_is_read_by_its_type(kind, expected):
    person = {**PATIENT, "identifier": [{**_type(kind), "value": NUMBER}, *PATIENT["identifier"]]}
    (read,) = _list_records(_read(person), "person/1")
    assert [one["system"] for one in read.get("identifiers", ())] == [expected] * bool(expected)


def _task(number: str, **more: Any) -> dict[str, Any]:
    return _make("Task", number, status="in-progress", description="Marche", **more)


@pytest.mark.parametrize(
    "last",
    [
        _task("c", basedOn=[{"reference": "Task/b"}]),
        _task("c", partOf=[{"reference": "Task/b"}]),
        _task("c", basedOn=[{"reference": "Organization/away"}, {"reference": "CarePlan/plan"}]),
        _task("c", focus={"reference": "Goal/goal"}),
    ],
    ids=["based on an action", "part of an action", "based on several", "about a goal"],
)
def test_an_action_is_of_the_person_of_what_it_leads_to_in_any_number_of_steps(last):
    chain = _task("a", basedOn=[{"reference": "CarePlan/plan"}]), _task("b", basedOn=[{"reference": "Task/a"}])
    actions = _list_records(_read(PATIENT, PLAN, GOAL, *chain, last), "action/1")
    assert [one["person_ref"] for one in actions] == [PERSON] * 3


def test_actions_that_lead_to_one_another_are_nobodys():
    circle = _task("a", basedOn=[{"reference": "Task/b"}]), _task("b", basedOn=[{"reference": "Task/a"}])
    assert not _list_records(_read(PATIENT, *circle), "action/1")


def test_the_plan_and_the_goal_of_an_action_are_told_apart_by_what_they_are():
    bases = [{"reference": "Goal/goal"}, {"reference": "CarePlan/plan"}]
    (action,) = _list_records(_read(PATIENT, PLAN, GOAL, _task("a", basedOn=bases)), "action/1")
    assert action["support_plan"] == "3990000017/4242-plan"
    assert action["goal_ref"] == "tddui:goal:3990000017/4242-goal"


def test_the_review_of_a_plan_is_no_action():
    system = "https://identifiant-medicosocial-bilan.esante.gouv.fr"
    review = {
        **_task("r", basedOn=[{"reference": "CarePlan/plan"}]),
        "identifier": [{"system": system, "value": "B-1"}],
    }
    assert not _list_records(_read(PATIENT, PLAN, review), "action/1")


def _document(number: str, subject: str, **more: Any) -> dict[str, Any]:
    return _make("DocumentReference", number, subject={"reference": subject}, **more)


def test_a_reference_to_a_version_leads_to_the_record():
    found = _read(PATIENT, _document("d", "Patient/p/_history/2"))
    assert [one["person_ref"] for one in _list_records(found, "document/1")] == [PERSON]
    assert not [line for line in found.messages if line["reason"] == "decode.reference.dangling"]


def test_a_contained_person_is_the_one_of_that_number_and_never_another_documents():
    own = _document("a", "#c", contained=[{**PATIENT, "id": "c"}])
    nameless = [_document(number, "#c", contained=[{"resourceType": "Patient", "id": "c"}]) for number in "bd"]
    people = [one["person_ref"] for one in _list_records(_read(PATIENT, own, *nameless), "document/1")]
    assert people[0] == PERSON
    assert len(set(people)) == 3


def test_what_is_about_a_group_is_about_no_person():
    found = _read(_document("d", "Group/g"))
    assert ["person_ref" in one for one in _list_records(found, "document/1")] == [False]
    assert "translate.reference.other_type" in {line["reason"] for line in found.messages}


def _read_export(text: str) -> SampleOutcome:
    supplier, exports, _ = load_plugins(["tddui"]).find_connector("tddui-cda")
    return take(text.encode(), supplier, exports)


@pytest.mark.parametrize("turned", [1, 2, 3])
def test_a_person_of_an_export_goes_by_the_same_number_in_whatever_order_they_stand(turned):
    text = (Path(__file__).parents[1] / "samples/cda/nominal.xml").read_text(encoding="utf-8")
    numbers = re.findall(r"<id [^>]*/>", text.partition("<addr")[0].partition("<patientRole")[2])
    assert len(numbers) == 4
    other = text.replace("".join(numbers), "".join(numbers[turned:] + numbers[:turned]))
    assert other != text
    refs = [
        [(line["record"]["ref"], line["record"].get("person_ref")) for line in _read_export(one).records]
        for one in (text, other)
    ]
    assert refs[0] == refs[1]
