"""Documents in JSON: nested members, lists, constants, and addresses made from references."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.render.filling import DocumentFacts, DocumentLine, Scope, make_record_urn
from passerelle.stages.render.json_rendering import write_document
from passerelle.stages.render.shape import Always, Cell, Given, JsonShape, Many, Rows, list_cells, list_needed_cells

FACTS = DocumentFacts(datetime(2024, 12, 31, 8, 5, 6, tzinfo=UTC), "abc-00000")
SHAPE = JsonShape(
    root={
        "resourceType": "Bundle",
        "timestamp": Given("issued_at"),
        "total": Given("count"),
        "entry": Rows(
            {
                "fullUrl": Given("uuid", of="ref"),
                "resource": {
                    "resourceType": "Patient",
                    "meta": Always({"profile": ["urn:profil"]}),
                    "identifier": [{"system": "urn:x", "value": Cell(needed=True)}],
                    "name": [{"family": Cell(), "given": [Cell()]}],
                    "telecom": Many({"system": Cell(), "value": Cell()}, at_most=3),
                    "rank": Cell(kind="number"),
                    "active": Cell(kind="boolean"),
                    "managing": {"reference": Given("uuid", of="organisation_ref")},
                },
            }
        ),
    }
)


def _line(index: int = 0, record: dict | None = None, **cells: str) -> DocumentLine:
    named_cells = {f"entry.resource.{name.replace('_', '.')}": text for name, text in cells.items()}
    return DocumentLine(named_cells, record or {"ref": f"a:person:{index}"}, index)


def _document(*lines: DocumentLine, shape: JsonShape = SHAPE):
    return json.loads(b"".join(write_document(shape, Scope(lines, FACTS))))


def test_members_are_nested_and_what_is_not_filled_is_left_out():
    document = _document(_line(identifier_0_value="7", name_0_given_0="Adèle"))
    assert document["resourceType"] == "Bundle"
    assert (document["timestamp"], document["total"]) == ("2024-12-31T08:05:06", 1)
    assert document["entry"] == [
        {
            "fullUrl": make_record_urn("a:person:0"),
            "resource": {
                "resourceType": "Patient",
                "meta": {"profile": ["urn:profil"]},
                "identifier": [{"system": "urn:x", "value": "7"}],
                "name": [{"given": ["Adèle"]}],
            },
        }
    ]


def test_numbers_and_booleans_are_written_digit_for_digit_and_lists_as_long_as_they_are_filled():
    entry = _document(
        _line(rank="1.50", active="true", telecom_0_value="a", telecom_2_value="c", telecom_2_system="email")
    )["entry"][0]["resource"]
    assert (entry["rank"], entry["active"]) == (1.5, True)
    assert entry["telecom"] == [{"value": "a"}, {"system": "email", "value": "c"}]
    assert _document(_line(rank="beaucoup"))["entry"][0]["resource"]["rank"] == "beaucoup"


def test_a_reference_becomes_the_address_of_the_record_it_names():
    record = {"ref": "a:person:1", "organisation_ref": "a:organisation:2"}
    entry = _document(_line(record=record))["entry"][0]
    assert entry["resource"]["managing"] == {"reference": make_record_urn("a:organisation:2")}
    assert make_record_urn("a:organisation:2") != make_record_urn("a:organisation:3")


def test_constants_alone_keep_nothing_unless_they_are_always_there():
    shape = JsonShape(root=Rows({"id": Cell("id"), "a": {"b": [1, {"c": None}]}, "d": {"e": "f", "g": Cell("x")}}))
    assert _document(DocumentLine({"id": "1"}, {}, 0), shape=shape) == [{"id": "1", "a": {"b": [1, {"c": None}]}}]


def test_no_record_gives_an_empty_list():
    assert _document()["entry"] == []


def test_groups_hold_their_own_lists():
    shape = JsonShape(root=[Rows({"no": Given("field", of="no"), "lines": Rows({"id": Cell("id")})}, by=("no",))][0])
    lines = [
        DocumentLine({"id": text}, {"no": no}, index) for index, (text, no) in enumerate(zip("abc", "121", strict=True))
    ]
    assert _document(*lines, shape=shape) == [
        {"no": "1", "lines": [{"id": "a"}, {"id": "c"}]},
        {"no": "2", "lines": [{"id": "b"}]},
    ]


def test_a_shape_says_what_it_needs_and_what_it_has_a_place_for():
    assert list_needed_cells(SHAPE) == ("entry.resource.identifier.0.value",)
    assert "entry.resource.telecom.2.system" in list_cells(SHAPE)
    assert "entry.resource.telecom.3.system" not in list_cells(SHAPE)


@settings(max_examples=count_examples(40))
@given(st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=40))
def test_every_text_comes_back_as_it_was(text):
    assert _document(_line(name_0_family=text))["entry"][0]["resource"]["name"] == [{"family": text}]
