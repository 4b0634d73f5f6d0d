"""JSON: lists whose items name themselves, and records that refer to one another."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from passerelle.stages.decode import documents
from passerelle.stages.decode.dialects import Json

NAMED = Json(named={"identifier": ("system", "urn:a", "urn:b"), "note": ("type.0.code", "title")})
LINKED = Json(
    lists={"entry": ""},
    named={"r.identifier": ("system", "urn:a")},
    addresses=(("fullUrl",), ("r.type", "r.id")),
    lasting=("r.identifier.urn:a.value",),
)
PERSON = {
    "fullUrl": "urn:uuid:1",
    "r": {"type": "Patient", "id": "p", "identifier": [{"system": "urn:a", "value": "N-7"}]},
}


def _stay(reference: str) -> dict[str, object]:
    return {"fullUrl": "urn:uuid:2", "r": {"type": "Stay", "id": "s", "subject": {"reference": reference}}}


def _bundle(*entries: object) -> bytes:
    return json.dumps({"entry": entries}).encode()


def test_items_are_columns_under_the_name_that_they_say(outcome):
    data = (
        b'{"identifier":[{"system":"urn:b","value":"2"},{"system":"urn:a","value":"1"},{"system":"urn:b","value":"3"}]}'
    )
    found = outcome(data, NAMED)
    cells = dict(zip(found.columns, found.rows[0], strict=True))
    assert (cells["identifier.urn:a.value"], cells["identifier.urn:b.value"]) == ("1", "2")
    assert cells["identifier.urn:b#2.value"] == "3"


@pytest.mark.parametrize("item", [{"system": "DURAND"}, {"system": 7}, {"value": "x"}, "text", None])
def test_an_item_of_no_known_name_is_named_by_its_place(outcome, item):
    found = outcome(json.dumps({"identifier": [item]}).encode(), NAMED)
    assert [column for column in found.columns if not column.startswith("identifier.0")] == []


def test_the_name_may_stand_deep_in_an_item(outcome):
    found = outcome(b'{"note":[{"type":[{"code":"title"}],"text":"T"},{"type":[],"text":"U"}]}', NAMED)
    assert {"note.title.text", "note.1.text"} <= set(found.columns)


@pytest.mark.parametrize("limit", [documents.LONG, 0])
@pytest.mark.parametrize("reference", ["urn:uuid:1", "Patient/p"])
def test_a_reference_gives_the_lasting_name_of_what_it_refers_to(outcome, monkeypatch, reference, limit):
    monkeypatch.setattr(documents, "LONG", limit)
    found = outcome(_bundle(_stay(reference), PERSON), LINKED)
    names, subjects = found.columns.index("@name"), found.columns.index("r.subject.reference")
    assert [row[names] for row in found.rows] == ["urn:uuid:2", "N-7"]
    assert found.rows[0][subjects] == "N-7"
    assert not found.warned


def test_a_reference_out_of_the_document_stays_and_is_warned_of_once_a_column(outcome):
    found = outcome(_bundle(_stay("Patient/a"), _stay("Patient/b"), PERSON), LINKED)
    subjects = found.columns.index("r.subject.reference")
    assert [row[subjects] for row in found.rows] == ["Patient/a", "Patient/b", None]
    told = [(item.reason, item.place.column, item.place.line) for item in found.warned]
    assert told == [("decode.reference.dangling", "r.subject.reference", 1)]


def test_a_name_of_two_columns_needs_both(outcome):
    tied = replace(LINKED, named={}, spread=("r.identifier",), lasting=("r.identifier.0.system|r.identifier.0.value",))
    nameless = {"fullUrl": "urn:uuid:3", "r": {"type": "Patient", "id": "q", "identifier": [{"value": "N-7"}]}}
    found = outcome(_bundle(_stay("Patient/p"), PERSON, nameless), tied)
    names, subjects = found.columns.index("@name"), found.columns.index("r.subject.reference")
    assert [row[names] for row in found.rows] == ["urn:uuid:2", "urn:a|N-7", "urn:uuid:3"]
    assert found.rows[0][subjects] == "urn:a|N-7"


def test_what_a_record_refers_to_may_say_whose_it_is(outcome):
    through = {"r.person.reference": (("r.subject.reference",), ("r.subject.reference",))}
    decision = {"fullUrl": "urn:uuid:4", "r": {"type": "Decision", "id": "d", "subject": {"reference": "Stay/s"}}}
    found = outcome(_bundle(decision, _stay("Patient/p"), PERSON), replace(LINKED, through=through))
    people, subjects = (found.columns.index(f"r.{name}.reference") for name in ("person", "subject"))
    assert (found.rows[0][people], found.rows[0][subjects]) == ("N-7", "urn:uuid:2")
    assert [row[people] for row in found.rows[1:]] == [None, None], "who names a person directly borrows none"


def test_without_addresses_nothing_is_tied(outcome):
    found = outcome(_bundle(_stay("Patient/p"), PERSON), Json(lists={"entry": ""}))
    assert "@name" not in found.columns
    assert not found.warned


def test_a_record_that_cannot_be_read_is_set_aside_as_before(outcome):
    found = outcome(_bundle("text", PERSON), LINKED)
    assert [item.reason for item in found.aside] == ["decode.record.not_object"]


TYPED = Json(
    lists={"entry": ""},
    types="r.type",
    named={"r.identifier": ("system", "urn:a")},
    addresses=(("fullUrl",), ("r.type", "r.id")),
    lasting=("r.identifier.urn:a.value",),
    targets=("r.author.reference",),
    stands_for={"Role": "r.who.reference"},
    through={"r.for.reference": (("r.basedOn.reference", "r.basedOn.identifier.value"), ("r.subject.reference",))},
)


def _entry(number: int, kind: str, **members: object) -> dict[str, object]:
    return {"fullUrl": f"urn:uuid:{number}", "r": {"type": kind, "id": f"i{number}", **members}}


def _read_cell(found, row: int, column: str) -> str | None:
    return found.rows[row][found.columns.index(column)] if column in found.columns else None


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("urn:uuid:1", "Patient"),
        ("Patient/p", "Patient"),
        ("Organization/7", "Organization"),
        ("https://serveur.invalid/fhir/Organization/7/_history/2", "Organization"),
        ("urn:uuid:99", None),
    ],
)
def test_the_type_of_what_a_reference_leads_to_stands_beside_it(outcome, reference, kind):
    found = outcome(_bundle(_entry(2, "Document", author={"reference": reference}), PERSON), TYPED)
    assert _read_cell(found, 0, "r.author.@type") == kind


def test_a_record_that_stands_for_another_leads_to_that_one(outcome):
    role = _entry(3, "Role", who={"reference": "Patient/p"})
    found = outcome(_bundle(_entry(2, "Document", author={"reference": "urn:uuid:3"}), role, PERSON), TYPED)
    assert (_read_cell(found, 0, "r.author.reference"), _read_cell(found, 0, "r.author.@type")) == ("N-7", "Patient")


@pytest.mark.parametrize("based_on", [{"reference": "urn:uuid:3"}, {"reference": "Plan/i3"}])
def test_what_a_record_leaves_out_is_taken_from_the_one_it_is_part_of(outcome, based_on):
    plan = _entry(3, "Plan", subject={"reference": "Patient/p"})
    found = outcome(_bundle(_entry(2, "Task", basedOn=based_on), plan, PERSON), TYPED)
    assert _read_cell(found, 0, "r.for.reference") == "N-7"
    assert _read_cell(found, 1, "r.for.reference") is None


def test_what_a_record_says_itself_is_not_taken_from_another(outcome):
    other = {"fullUrl": "urn:uuid:4", "r": {"type": "Patient", "id": "q"}}
    plan = _entry(3, "Plan", subject={"reference": "Patient/p"})
    task = {"basedOn": {"reference": "Plan/i3"}, "for": {"reference": "Patient/q"}}
    found = outcome(_bundle(_entry(2, "Task", **task), plan, PERSON, other), TYPED)
    assert _read_cell(found, 0, "r.for.reference") == "urn:uuid:4"


def test_a_reference_to_a_version_of_a_record_leads_to_it(outcome):
    found = outcome(_bundle(_stay("Patient/p/_history/2"), PERSON), LINKED)
    assert found.rows[0][found.columns.index("r.subject.reference")] == "N-7"
    assert not found.warned


def test_an_alias_names_an_item_as_its_own_word_would(outcome):
    aliases = {"identifier": {"type.0.code": {"B": "urn:b"}, "system": {"urn:old-a": "urn:a"}}}
    items = [{"system": "urn:a", "type": [{"code": "B"}], "value": "1"}, {"system": "urn:old-a", "value": "2"}]
    found = outcome(json.dumps({"identifier": items}).encode(), replace(NAMED, aliases=aliases))
    cells = dict(zip(found.columns, found.rows[0], strict=True))
    assert (cells["identifier.urn:b.value"], cells["identifier.urn:a.value"]) == ("1", "2")


CHAINED = replace(
    LINKED, through={"r.person.reference": (("r.part.reference",), ("r.subject.reference", "r.subject.number"))}
)


def _part(number: int, of: str) -> dict[str, object]:
    return {"fullUrl": f"urn:uuid:p{number}", "r": {"type": "Part", "id": str(number), "part": {"reference": of}}}


def _list_people(found) -> list[str | None]:
    return [row[found.columns.index("r.person.reference")] for row in found.rows]


@pytest.mark.parametrize("steps", [1, 5, 15])
def test_what_a_record_leads_to_in_steps_may_say_whose_it_is(outcome, steps):
    parts = [_part(1, "Stay/s"), *(_part(number, f"Part/{number - 1}") for number in range(2, steps + 1))]
    found = outcome(_bundle(*parts, _stay("Patient/p"), PERSON), CHAINED)
    assert _list_people(found)[:steps] == ["N-7"] * steps


def test_records_that_lead_to_one_another_borrow_nothing(outcome):
    found = outcome(_bundle(_part(1, "Part/2"), _part(2, "Part/1"), PERSON), CHAINED)
    assert "r.person.reference" not in found.columns or _list_people(found) == [None] * 3
