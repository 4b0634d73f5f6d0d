"""Everything that is written is valid FHIR R4, or refused before anything is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fhir_r4 import RESOURCES, find_faults

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.engine.adapters.document_writing import Writer
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.extension.loading import load_plugins
from passerelle.testing.document_round_trip import make_delivery, write_documents
from passerelle.testing.samples import take

NOMINAL = (Path(__file__).parents[1] / "samples/fhir/nominal.json").read_bytes()
SUPPLIER, BUNDLES, _ = load_plugins().find_connector("tddui-fhir")
PERSON = {"person_ref": "s:person:1"}
LEAST: dict[str, dict[str, Any]] = {
    "person/1": {},
    "organisation/1": {"name": "Service inventé"},
    "professional/1": {},
    "stay/1": PERSON,
    "appointment/1": {"starts_at": "2025-03-01T09:00:00+01:00"},
    "assessment/1": {**PERSON, "type": {"original": "Grille maison"}},
    "need/1": PERSON,
    "goal/1": PERSON,
    "action/1": PERSON,
    "document/1": {},
    "related_contact/1": PERSON,
    "consent/1": {**PERSON, "decision": "accepted"},
}
"""What each contract requires, and nothing else."""
INCOMPLETE = {
    "assessment/1": "entry.resource.status",
    "goal/1": "entry.resource.lifecycleStatus",
    "action/1": "entry.resource.status",
    "document/1": "entry.resource.content.0.attachment.title",
}
"""What R4 requires, the record lacks, and nobody may invent."""


def _make(contract: str, **more: Any) -> dict[str, Any]:
    record = {"ref": f"s:{contract.partition('/')[0]}:X", **LEAST[contract], **more}
    return {name: record[name] for name in contracts.get(contract).list_fields() if name in record}


def _write(contract: str, record: dict[str, Any]) -> tuple[list[dict[str, Any]], Any]:
    writer = Writer(SUPPLIER, BUNDLES, RelatedRecords((), Purpose.PORTABILITY))
    made = writer.write(make_delivery([record], contract))
    bundles = [json.loads(b"".join(document.content)) for document in made.documents]
    return [entry["resource"] for bundle in bundles for entry in bundle["entry"]], made.refused


def test_every_contract_that_is_written_is_tried():
    assert {writing.contract for writing in BUNDLES.writes} == LEAST.keys()


@pytest.mark.parametrize("contract", LEAST)
def test_the_least_record_is_valid_or_refused_with_what_it_lacks(contract):
    resources, refused = _write(contract, _make(contract))
    if contract in INCOMPLETE:
        (answer,) = refused.values()
        assert (resources, answer.reason) == ([], "deliver.document.incomplete")
        assert answer.details["element"] == INCOMPLETE[contract]
    else:
        assert [find_faults(resource) for resource in resources] == [[]]


FULLER = {
    "assessment/1": {"status": "done"},
    "goal/1": {"status": "active", "title": "Marcher", "expected_result": "Cent mètres"},
    "action/1": {"status": "active", "title": "Marche"},
    "document/1": {"file_name": "bilan.pdf", "written_on": "2025-03-01"},
    "stay/1": {"status": "active", "entry_on": "2025-03-01"},
    "appointment/1": {"status": "missed"},
    "consent/1": {"decision": "withdrawn", "decided_on": "2025-03-01"},
}


@pytest.mark.parametrize("contract", FULLER)
def test_a_record_with_a_little_more_is_valid(contract):
    (resource,), refused = _write(contract, _make(contract, **FULLER[contract]))
    assert (find_faults(resource), dict(refused)) == ([], {})


def test_the_whole_sample_is_valid_when_it_is_written_again():
    by_contract: dict[str, list[dict[str, Any]]] = {}
    for line in take(NOMINAL, SUPPLIER, BUNDLES).records:
        by_contract.setdefault(line["contract"], []).append(line["record"])
    entries = [
        entry
        for _contract, text in write_documents(by_contract, SUPPLIER, BUNDLES)
        for entry in json.loads(text)["entry"]
    ]
    assert {entry["resource"]["resourceType"] for entry in entries} == RESOURCES.keys()
    assert [fault for entry in entries for fault in find_faults(entry["resource"])] == []


def test_the_rules_notice_what_is_wrong():
    assert find_faults({"resourceType": "Task", "intent": "plan"}) == ["Task.status: required"]
    assert find_faults({"resourceType": "Patient", "gender": "M"}) == ["Patient.gender: not in the list"]
    wrong = {"resourceType": "DocumentReference", "status": "current", "date": "2025-03-01", "content": []}
    assert len(find_faults(wrong)) == 2
