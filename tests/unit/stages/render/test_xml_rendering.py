"""Documents in XML: what is filled is written in its order, what is not leaves no trace."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from lxml import etree

from passerelle.stages.render.filling import DocumentFacts, DocumentLine, Scope, is_unwritable
from passerelle.stages.render.shape import Cell, Element, Given, Rows, XmlShape, list_cells, list_needed_cells
from passerelle.stages.render.xml_rendering import write_document

FACTS = DocumentFacts(datetime(2024, 12, 31, 8, 5, 6, tzinfo=UTC), "abc-00000")
SHAPE = XmlShape(
    root=Element(
        "a:Envoi",
        Element("a:Nombre", Given("count")),
        Rows(
            Element(
                "a:Dossier",
                Element("b:Id", needed=True, liste="L"),
                Element("b:Nom", Cell("/Envoi/Dossier/Autre")),
                Element("b:Adresse", Element("b:Rue"), Element("b:Pays", "FR")),
                Element("b:Tel", repeats=3),
                Element("b:Vide", always=True),
                Element("b:Numero", Given("transaction", prefix="I")),
            )
        ),
        Element("a:Total", Given("total", of="/Envoi/Dossier/Montant")),
        version="1",
    ),
    namespaces={"b": "urn:b", "a": "urn:a"},
)


def _line(index: int = 0, record: dict | None = None, **cells: str) -> DocumentLine:
    named = {f"/Envoi/Dossier/{name.replace('__', '/').replace('_n', '#')}": text for name, text in cells.items()}
    return DocumentLine(named, record or {}, index)


def _text(*lines: DocumentLine, shape: XmlShape = SHAPE) -> str:
    return b"".join(write_document(shape, Scope(lines, FACTS))).decode()


def _paths(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


def test_elements_stand_in_their_order_with_their_namespaces_and_constants():
    root = etree.fromstring(_text(_line(Id="1", Adresse__Rue="rue", Autre="Nom")).encode())
    assert (etree.QName(root).namespace, root.attrib["version"], root.nsmap) == (
        "urn:a",
        "1",
        {"a": "urn:a", "b": "urn:b"},
    )
    dossier = root[1]
    assert _paths(dossier) == ["Id", "Nom", "Adresse", "Vide", "Numero"]
    assert dossier.find("{urn:b}Id").attrib == {"liste": "L"}
    assert dossier.findtext("{urn:b}Nom") == "Nom"
    assert dossier.findtext(".//{urn:b}Pays") == "FR"
    assert dossier.findtext("{urn:b}Numero") == "I202412310805060"


def test_a_constant_alone_keeps_nothing_and_an_element_that_is_always_there_stays():
    dossier = etree.fromstring(_text(_line(Id="1")).encode())[1]
    assert _paths(dossier) == ["Id", "Vide", "Numero"]


def test_a_cell_goes_before_the_constant_of_its_place_attributes_too():
    cells = {"/Envoi/Dossier/Id": "1", "/Envoi/Dossier/Id/@liste": "M", "/Envoi/Dossier/Adresse/Pays": "BE"}
    dossier = etree.fromstring(_text(DocumentLine(cells, {}, 0)).encode())[1]
    assert dossier.find("{urn:b}Id").attrib == {"liste": "M"}
    assert dossier.findtext(".//{urn:b}Pays") == "BE"


def test_what_repeats_is_written_as_often_as_it_is_filled():
    dossier = etree.fromstring(_text(_line(Id="1", Tel="a", Tel_n3="c")).encode())[1]
    assert [tel.text for tel in dossier.iterfind("{urn:b}Tel")] == ["a", "c"]


def test_records_are_counted_numbered_and_summed():
    root = etree.fromstring(_text(_line(Id="1", Montant="1.10"), _line(1, Id="2", Montant="2.20")).encode())
    assert (root.findtext("{urn:a}Nombre"), root.findtext("{urn:a}Total")) == ("2", "3.30")
    assert [one.text[-1] for one in root.iterfind(".//{urn:b}Numero")] == ["0", "1"]


def test_records_that_share_a_field_stand_in_one_group_where_the_first_stood():
    shape = XmlShape(
        root=Element(
            "Factures",
            Rows(
                Element("Facture", Element("No", Given("field", of="no")), Rows(Element("Ligne", Element("Id")))),
                by=("no",),
            ),
        )
    )
    cells = [{"/Factures/Facture/Ligne/Id": text} for text in "abc"]
    lines = [DocumentLine(one, {"no": no}, index) for index, (one, no) in enumerate(zip(cells, "121", strict=True))]
    root = etree.fromstring(_text(*lines, shape=shape).encode())
    assert [(one.findtext("No"), [line.findtext("Id") for line in one.iterfind("Ligne")]) for one in root] == [
        ("1", ["a", "c"]),
        ("2", ["b"]),
    ]


def test_a_shape_says_what_it_needs_and_what_it_has_a_place_for():
    assert list_needed_cells(SHAPE) == ("/Envoi/Dossier/Id",)
    there = list_cells(SHAPE)
    assert {"/Envoi/Dossier/Id/@liste", "/Envoi/Dossier/Tel#3", "/Envoi/Dossier/Autre"} <= there
    assert "/Envoi/Dossier/Montant" not in there


def test_a_text_that_no_document_can_hold_is_known_before_it_is_written():
    assert is_unwritable({"a": "bon", "b": "nul\x00"})
    assert is_unwritable({"a": "\ufffe"})
    assert not is_unwritable({"a": "é\n\t😀"})


@settings(max_examples=count_examples(40))
@given(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=40))
def test_every_text_comes_back_as_it_was(text):
    dossier = etree.fromstring(_text(_line(Id=text)).encode())[1]
    assert dossier.findtext("{urn:b}Id") == text


def test_pieces_come_one_record_at_a_time():
    pieces = list(write_document(SHAPE, Scope([_line(index, Id=str(index)) for index in range(50)], FACTS)))
    assert max(len(piece) for piece in pieces) < 400
    assert len(pieces) > 50
