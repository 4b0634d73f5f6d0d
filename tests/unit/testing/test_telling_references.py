"""An opaque reference that tells something of somebody is found, in any form; a plain number is not."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from passerelle.extension.loading import load_plugins
from passerelle.extension.opaque_references import list_openings
from passerelle.testing.telling_references import find_telling_references

KEPT = frozenset({"essai:person:"})
BOX = Path(__file__).parents[3] / "plugins"


def _find(local: str, **fields: object) -> list[str]:
    record = {"ref": f"essai:person:{local}", **fields}
    return list(find_telling_references([{"contract": "person/1", "line": 2, "record": record}], KEPT))


@pytest.mark.parametrize(
    ("local", "fields", "told"),
    [
        ("Dupont", {"birth_name": "DUPONT"}, "birth_name"),
        ("41-dupont", {"birth_name": "DUPONT"}, "birth_name"),
        ("41~Marie", {"first_names": "Anne Marie"}, "first_names"),
        ("L%C3%A9a", {"first_names": unicodedata.normalize("NFD", "Léa")}, "first_names"),
        ("LEA_7", {"first_names": "Léa"}, "first_names"),
        ("0611223370", {"telecoms": [{"kind": "phone", "value": "06 11 22 33 70"}]}, "telecoms"),
        ("1234567", {"identifiers": [{"system": "caf", "value": "1234567"}]}, "identifiers"),
        ("lea@example.org", {}, "e-mail"),
        ("7~1950-02-14", {}, "date"),
        ("14021950", {}, "date"),
        ("255081416802538", {}, "NIR"),
    ],
)
def test_what_a_reference_tells_is_named_and_not_quoted(local, fields, told):
    assert _find(local, **fields) == [f"essai:person: (person/1 ref): {told}"]


@pytest.mark.parametrize(
    ("local", "fields"),
    [
        ("41", {"birth_name": "DUPONT", "minor_children": 41}),
        ("66f0b1d2c3b4a59620241231", {}),
        ("900101", {"birth_name": "DUPONT"}),
        # the number under which the supplier itself knows the person is what the reference is made of
        ("1234567", {"identifiers": [{"system": "essai", "value": "1234567"}]}),
    ],
)
def test_a_number_or_token_of_the_supplier_tells_nothing(local, fields):
    assert _find(local, **fields) == []


def test_what_another_record_of_the_row_says_counts_too_and_what_another_row_says_does_not():
    visit = {"contract": "visit/1", "line": 2, "record": {"ref": "essai:visit:1", "person_ref": "essai:person:Martin"}}
    person = {"contract": "person/1", "record": {"ref": "essai:person:Martin", "usual_name": "Martin"}}
    assert list(find_telling_references([visit, {**person, "line": 2}], KEPT)) == [
        "essai:person: (visit/1 person_ref): usual_name",
        "essai:person: (person/1 ref): usual_name",
    ]
    assert list(find_telling_references([visit, {**person, "line": 3, "record": {"ref": "x:y:z"}}], KEPT)) == []


def test_a_reference_that_is_not_declared_opaque_is_asked_nothing():
    record = {"ref": "essai:case:Dupont", "person_ref": "essai:case:Dupont"}
    assert list(find_telling_references([{"contract": "case/1", "line": 2, "record": record}], KEPT)) == []


@pytest.mark.parametrize("supplier", ["cnaf-rsa", "carnet-de-bord", "compani", "tddui"])
def test_suppliers_with_natural_keys_would_lose_their_grade_by_declaring_them_opaque(supplier):
    connectors = next(one for one in load_plugins().suppliers if one.id == supplier).connectors
    expected = sorted((BOX / supplier.replace("-", "_") / "samples").rglob("*.expected.jsonl"))
    lines = [
        line | {"member": f"{file}{line.get('member', '')}"}
        for file in expected
        for text in file.read_text("utf-8").splitlines()
        if "record" in (line := json.loads(text))
    ]
    assert list(find_telling_references(lines, frozenset(list_openings(connectors))))
