"""Shapes of documents: which cells have a place, which are needed, which fields are stated, in XML and in JSON."""

from __future__ import annotations

import pytest

from passerelle.stages.render.shape import (
    Always,
    Cell,
    Element,
    Given,
    JsonShape,
    Many,
    Rows,
    XmlShape,
    iter_members,
    join_path,
    list_cells,
    list_needed_cells,
    list_stated_fields,
)

XML = XmlShape(
    root=Element(
        "x:Envoi",
        Given("field", of="no"),
        Rows(
            Element(
                "y:Visite",
                Element("y:Id", needed=True, liste="L"),
                Element("y:Tel", Element("y:Numero"), repeats=2),
                Element("y:Nom", Cell("/ailleurs")),
                Rows(Element("y:Ligne", Given("field", of="ref"), needed=True)),
            )
        ),
    )
)
JSON = JsonShape(
    root={
        "type": "Bundle",
        "entry": Rows(
            {
                "id": Cell("id", needed=True),
                "name": [Cell(needed=True), Always({"use": Cell()})],
                "telecom": Many({"value": Cell(needed=True)}, at_most=2),
                "no": Given("field", of="number"),
            }
        ),
    }
)


def test_the_name_of_an_element_in_a_path_has_no_prefix():
    assert (Element("ram:ID").local, Element("ID").local) == ("ID", "ID")


def test_every_element_attribute_and_repetition_has_a_place():
    assert list_cells(XML) == {
        "/Envoi", "/Envoi/Visite", "/Envoi/Visite/Id", "/Envoi/Visite/Id/@liste", "/Envoi/Visite/Tel",
        "/Envoi/Visite/Tel/Numero", "/Envoi/Visite/Tel#2", "/Envoi/Visite/Tel#2/Numero", "/Envoi/Visite/Nom",
        "/ailleurs", "/Envoi/Visite/Ligne",
    }  # fmt: skip


def test_a_cell_of_json_without_a_path_is_that_of_its_own_place():
    assert list_cells(JSON) == {
        "id", "entry.name.0", "entry.name.1.use", "entry.telecom.0.value", "entry.telecom.1.value",
    }  # fmt: skip


def test_what_is_needed_is_found_within_rows_and_of_a_list_in_its_first_item():
    assert list_needed_cells(XML) == ("/Envoi/Visite/Id", "/Envoi/Visite/Ligne")
    assert list_needed_cells(JSON) == ("id", "entry.name.0", "entry.telecom.0.value")


def test_a_field_that_is_stated_needs_no_cell_and_other_facts_are_no_fields():
    assert list_stated_fields(XML) == {"no", "ref"}
    assert list_stated_fields(JSON) == {"number"}
    assert list_stated_fields(JsonShape(root={"n": Given("count", of="x")})) == set()


@pytest.mark.parametrize(
    ("node", "steps"), [({"a": 1}, ["a"]), ([1, 2], ["0", "1"]), ("ab", []), (1, []), (None, []), (Cell("x"), [])]
)
def test_a_text_is_one_value_and_no_sequence(node, steps):
    assert [step for step, _child in iter_members(node)] == steps


def test_a_path_begins_without_a_dot():
    assert (join_path("", "a"), join_path("a", "0")) == ("a", "a.0")
