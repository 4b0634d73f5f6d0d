"""Requests to the MDPH and its decisions in a TDDUI Bundle: told by the types of their numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import SampleOutcome, take

NOMINAL = json.loads((Path(__file__).parents[1] / "samples/fhir/nominal.json").read_bytes())
SUPPLIER, BUNDLES, _ = load_plugins(["tddui"]).find_connector("tddui-fhir")


def _read(*resources: dict[str, Any]) -> SampleOutcome:
    entries = [{"fullUrl": f"urn:uuid:{n}", "resource": one} for n, one in enumerate(resources)]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return take(json.dumps(bundle).encode(), SUPPLIER, BUNDLES)


def _find(kind: str, number: str) -> dict[str, Any]:
    """Return a copy of the resource of this kind that has a number."""
    found = (one["resource"] for one in NOMINAL["entry"] if one["resource"]["resourceType"] == kind)
    return json.loads(json.dumps(next(one for one in found if number in json.dumps(one["identifier"]))))


REQUEST, DECISION = _find("ServiceRequest", "DEM-3301"), _find("Basic", "DEC-90112")
PERSON = "tddui:person:3990000017/4711"


def test_a_request_is_no_need_and_a_need_no_request():
    contracts = {line["contract"] for line in _read(REQUEST, _find("ServiceRequest", "-BESO-")).records}
    assert contracts == {"aid_request/1", "need/1"}


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_decision_goes_by_the_number_of_its_type_whatever_stands_first(first):
    numbers = DECISION["identifier"]
    turned = {**DECISION, "identifier": numbers[first:] + numbers[:first]}
    (record,) = (line["record"] for line in _read(REQUEST, turned).records if line["contract"] == "entitlement/1")
    assert record["ref"] == "tddui:entitlement:1.2.250.1.213.7.84~DEC-90112"
    assert (record["decision_number"], record["person_ref"]) == ("DEC-90112", PERSON)


def test_a_decision_about_a_request_that_is_not_there_is_nobodys():
    told = _read(DECISION)
    assert not told.records
    assert [line["reason"] for line in told.messages if line["fate"] == "rejected"] == ["validate.field.missing"]
    assert [line["field"] for line in told.messages if line["fate"] == "rejected"] == ["person_ref"]


def test_another_basic_resource_is_left_out_with_its_reason():
    told = _read({**DECISION, "code": {"coding": [{"code": "adhoc"}]}}, REQUEST)
    assert [line["contract"] for line in told.records] == ["aid_request/1"]
    assert [line["reason"] for line in told.messages if line["fate"] == "withheld"] == ["translate.row.out_of_scope"]


def test_a_request_that_was_answered_is_no_longer_examined():
    waiting = {**REQUEST, "occurrencePeriod": {"start": "2024-11-04"}}
    states = [_read(one).records[0]["record"].get("status") for one in (REQUEST, waiting)]
    assert states == [None, "in_review"]
