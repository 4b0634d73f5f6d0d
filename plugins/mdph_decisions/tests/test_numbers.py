"""Who a decision is about is told by the roots and types of numbers, never by their place."""

from __future__ import annotations

import json
import re
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import take

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLES = Path(__file__).parents[1] / "samples"
DOCUMENT = (SAMPLES / "cda" / "nominal.xml").read_text("utf-8")
BUNDLE = json.loads((SAMPLES / "fhir" / "nominal.json").read_bytes())
PERSON = "mdph:person:1.2.250.1.213.7.84~IND-20417"
MDPH = '<id extension="IND-20417" root="1.2.250.1.213.7.84"/>'
INS = '<id extension="209048112345677" root="1.2.250.1.213.1.4.8"/>'
INSURED = '<id extension="178048112345644" root="1.2.250.1.213.1.4.13"/>'
_IDS = re.compile(r"(<patientRole>\s*)(?:<id [^>]*/>\s*)+")


def _read(connector: str, content: bytes) -> list[dict[str, Any]]:
    supplier, described, _ = load_plugins(["mdph-decisions"]).find_connector(connector)
    return [line["record"] for line in take(content, supplier, described).records]


def _read_with(ids: Sequence[str]) -> list[dict[str, Any]]:
    return _read("mdph-cda", _IDS.sub(lambda found: found[1] + "".join(ids), DOCUMENT).encode())


def _list_people(records: list[dict[str, Any]]) -> set[str]:
    """Return all references to the person, in whichever contract."""
    own = {one["ref"] for one in records if one["ref"].startswith("mdph:person:")}
    return own | {one["person_ref"] for one in records if "person_ref" in one}


@pytest.mark.parametrize("ids", [*permutations((MDPH, INS, INSURED))])
def test_everything_in_a_document_is_about_one_person_whatever_the_order_of_their_numbers(ids):
    assert _list_people(_read_with(ids)) == {PERSON}


def test_without_a_number_of_the_mdph_the_ins_names_the_person_and_never_the_number_as_insured_person():
    assert _list_people(_read_with((INSURED, INS))) == {"mdph:person:1.2.250.1.213.1.4.8~209048112345677"}
    assert _list_people(_read_with((INSURED,))) == set()


def test_each_number_is_of_the_system_of_its_root():
    (person,) = (one for one in _read_with((INSURED, INS, MDPH)) if "birth_name" in one)
    systems = {(one["system"], one.get("use")) for one in person["identifiers"]}
    assert systems == {("nir", None), ("ins", None), ("mdph", None), ("nir", "holder")}


def test_a_decision_and_its_person_go_by_the_same_reference_in_both_forms():
    documents, bundles = (
        {one["ref"]: one["person_ref"] for one in _read(connector, content) if one["ref"].startswith("mdph:entitl")}
        for connector, content in (("mdph-cda", DOCUMENT.encode()), ("mdph-fhir", json.dumps(BUNDLE).encode()))
    )
    both = set(documents) & set(bundles)
    assert both == {f"mdph:entitlement:1.2.250.1.213.7.84~DEC-{number}" for number in (90112, 90114)}
    assert {documents[ref] for ref in both} == {bundles[ref] for ref in both} == {PERSON}


def test_the_same_number_of_two_mdph_is_two_decisions():
    moved = json.loads(json.dumps(BUNDLE).replace('"urn:oid:1.2.250.1.213.7.84"', '"urn:oid:1.2.250.1.213.7.35"'))
    here, there = (
        {one["ref"] for one in _read("mdph-fhir", json.dumps(bundle).encode()) if "decision_number" in one}
        for bundle in (BUNDLE, moved)
    )
    assert here
    assert not here & there


@pytest.mark.parametrize("backwards", [False, True])
def test_numbers_of_resources_are_told_by_their_type_whatever_their_order(backwards):
    turned = json.loads(json.dumps(BUNDLE))
    for entry in turned["entry"]:
        entry["resource"]["identifier"].sort(key=json.dumps, reverse=backwards)
    before, after = (
        {one["ref"]: one.get("decision_number") for one in _read("mdph-fhir", json.dumps(bundle).encode())}
        for bundle in (BUNDLE, turned)
    )
    assert before == after


def test_a_closing_is_a_closed_right_with_its_day():
    (closed,) = (one for one in _read("mdph-cda", DOCUMENT.encode()) if one.get("status") == "closed")
    assert (closed["closed_on"], closed["decision_number"]) == ("2025-02-28", "DEC-90114")


def test_the_commission_is_named_only_when_it_is_of_the_mdph_in_charge():
    moved = DOCUMENT.replace('idMDPHResponsable extension="81-TARN" root="1.2.250.1.213.7.84"', "idMDPHResponsable ")
    elsewhere = moved.replace(
        "idMDPHResponsable ", 'idMDPHResponsable extension="34-HERAULT" root="1.2.250.1.213.7.35"'
    )
    named = [one.get("deciding_body") for one in _read("mdph-cda", DOCUMENT.encode()) if "decision_number" in one]
    assert set(named) == {"CDAPH de la MDPH 81-TARN"}
    assert not [one for one in _read("mdph-cda", elsewhere.encode()) if "deciding_body" in one]


def test_only_the_parent_with_authority_acts_for_the_child():
    contacts = {one["first_name"]: one for one in _read("mdph-cda", DOCUMENT.encode()) if "relation" in one}
    assert contacts["Carole"]["role"]["code"] == "legal_representative"
    assert "role" not in contacts["Yann"]
