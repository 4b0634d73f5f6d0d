"""Records inside a record: only that one refers to them, and their address means somebody else in another one."""

from __future__ import annotations

import json

import pytest

from passerelle.stages.decode.contained import ContainedRecords
from passerelle.stages.decode.dialects import Json

DIALECT = Json(
    types="r.type",
    named={"r.identifier": ("system", "urn:oid:1.2.250.1.71.4.2.1")},
    addresses=(("r.type", "r.id"),),
    lasting=("r.identifier.urn:oid:1.2.250.1.71.4.2.1.value",),
)
PERSON = {"type": "Patient", "id": "c", "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "N-7"}]}


def find(address, *contained):
    return ContainedRecords(DIALECT).find(address, {"r.contained": json.dumps(contained)})


def test_a_contained_record_has_its_type_and_the_name_that_lasts():
    found = find("#c", {"type": "Other", "id": "d"}, PERSON)
    assert (found.name, found.kind) == ("N-7", "Patient")


def test_a_contained_record_without_a_lasting_name_has_none():
    assert find("#c", {"type": "Patient", "id": "c"}).name == ""


@pytest.mark.parametrize("text", [None, "", "no JSON", "{}", '["text", null]', "[]"])
def test_what_is_not_there_is_not_found(text):
    assert ContainedRecords(DIALECT).find("#c", {"r.contained": text}) is None
    assert find("#d", PERSON) is None


def _document(number: str, *contained: object) -> dict[str, object]:
    return {"r": {"type": "Doc", "id": number, "contained": [*contained], "subject": {"reference": "#c"}}}


def test_the_same_address_in_two_records_leads_to_two_of_them(outcome):
    entries = [_document("1", PERSON), _document("2", {"type": "Patient", "id": "c"}), _document("3")]
    found = outcome(json.dumps({"entry": entries}).encode(), Json(lists={"entry": ""}, types=DIALECT.types,
        named=DIALECT.named, addresses=DIALECT.addresses, lasting=DIALECT.lasting))  # fmt: skip
    subjects = found.columns.index("r.subject.reference")
    assert [row[subjects] for row in found.rows] == ["N-7", "Doc/2#c", "Doc/3#c"]
    told = [item.place.line for item in found.warned if item.reason == "decode.reference.dangling"]
    assert told == [3], "one that is there does not lead out of the document, though it has no lasting name"
