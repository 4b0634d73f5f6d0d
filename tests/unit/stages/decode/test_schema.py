"""A schema that the operator gives: what departs from it is told with its line, and nothing is refused for it."""

from __future__ import annotations

from io import BytesIO

import pytest

from passerelle.documents.workbook_reader import open_rows
from passerelle.engine.workspace.xml_schemas import set_schema
from passerelle.extension.supplier import Connector
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.dialects import Csv, Xml
from passerelle.stages.decode.schema import MOST, iter_departures
from passerelle.vocabulary.errors import FlowError, ParcelError

XSD = b"""<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Flux"><xs:complexType><xs:sequence>
<xs:element name="Foyer" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="Nom" type="xs:string"/><xs:element name="Age" type="xs:integer" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>
"""
GOOD = b"<Flux>\n<Foyer><Nom>A</Nom><Age>3</Age></Foyer>\n<Foyer><Nom>B</Nom></Foyer>\n</Flux>\n"
BAD = b"<Flux>\n<Foyer><Nom>A</Nom><Age>beaucoup</Age></Foyer>\n<Foyer><DUPONT>x</DUPONT></Foyer>\n</Flux>\n"
DIALECT = Xml(rows={"/Flux/Foyer": "foyers"}, schema=XSD)


def _decoded(content: bytes, rows: int = 1):
    return list(decode(BytesIO(content), DIALECT, block_bytes=1 << 20, block_rows=rows, open_workbook=open_rows))


def test_a_document_that_keeps_to_its_schema_has_no_warning():
    assert [warned for batch in _decoded(GOOD) for warned in batch.warned] == []


def test_what_departs_is_told_with_its_line_its_element_and_its_rule_and_is_read():
    batches = _decoded(BAD)
    assert sum(batch.table.frame.height for batch in batches) == 2
    told = [(one.reason, one.place.line, one.place.column, one.details["rule"]) for one in batches[0].warned]
    assert told[0] == ("decode.schema.departed", 2, "Age", "CVC_DATATYPE_VALID_1_2_1")
    assert {(line, column) for _code, line, column, _rule in told[1:]} == {(3, "")}
    assert not [warned for batch in batches[1:] for warned in batch.warned]


def test_no_word_of_the_file_is_told():
    assert not any("DUPONT" in repr(one) or "beaucoup" in repr(one) for one in iter_departures(BytesIO(BAD), XSD))


def test_only_the_first_departures_are_told():
    many = b"<Flux>\n" + b"<Foyer><Nom>A</Nom><Age>x</Age></Foyer>\n" * (MOST + 50) + b"</Flux>"
    assert len(list(iter_departures(BytesIO(many), XSD))) in range(MOST, MOST + 3)


def test_a_malformed_document_and_one_with_a_document_type_are_parked_as_ever():
    for content, code in ((GOOD[:-12], "cut"), (b"<!DOCTYPE Flux []>" + GOOD, "document_type")):
        with pytest.raises(ParcelError) as caught:
            _decoded(content)
        assert caught.value.code == f"decode.parcel.{code}"


def _connector(dialect) -> Connector:
    return Connector(id="essai-x", title="Essai", dialect=dialect, tables=())


def test_a_connector_is_held_to_the_schema_that_is_given(tmp_path):
    path = tmp_path / "flux.xsd"
    path.write_bytes(XSD)
    plain = _connector(Xml(rows=DIALECT.rows))
    assert set_schema(plain, path).dialect == DIALECT
    assert set_schema(plain, None) is plain


@pytest.mark.parametrize(
    ("content", "dialect", "code"),
    [
        (b"<no", DIALECT, "unreadable"),
        (b"<a/>", DIALECT, "unreadable"),
        (None, DIALECT, "unreadable"),
        (XSD, Csv(), "unfit"),
    ],
)
def test_what_is_no_schema_or_serves_nothing_is_a_mistake_of_the_settings(tmp_path, content, dialect, code):
    path = tmp_path / "flux.xsd"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FlowError) as caught:
        set_schema(_connector(dialect), path)
    assert caught.value.code == f"settings.schema.{code}"


def test_what_a_schema_hides_in_an_entity_of_its_own_is_not_read():
    name = '<xs:element name="Nom" type="xs:string" xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'
    hidden = XSD.replace(b'<xs:element name="Nom" type="xs:string"/>', b"&nom;")
    hidden = hidden.replace(b"?>\n", f"?>\n<!DOCTYPE xs:schema [<!ENTITY nom '{name}'>]>\n".encode())
    assert [(one.place.line, one.place.column) for one in iter_departures(BytesIO(GOOD), hidden)][:1] == [(2, "Nom")]
