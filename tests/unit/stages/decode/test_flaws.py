"""What JSON and XML do not know costs the record that holds it, or is named; it is never «cut on the way»."""

from __future__ import annotations

import pytest

from passerelle.stages.decode import documents
from passerelle.stages.decode.dialects import Json, Xml
from passerelle.stages.decode.kinds import describe_flaw
from passerelle.vocabulary.errors import ParcelError


def _name(flaw: str | None) -> str | None:
    return flaw and describe_flaw(flaw)


FLAWS = [
    (b"NaN", "decode.record.flawed", "NaN"),
    (b"-Infinity", "decode.record.flawed", "-Infinity"),
    (b'[1,{"x":Infinity}]', "decode.record.flawed", "Infinity"),
    (b'"a\x01b"', "decode.record.flawed", "control"),
    (b'"a\nb"', "decode.record.flawed", "control"),
    (b'"\\ud800"', "decode.text.replaced", None),
    (b'"\xff"', "decode.text.replaced", None),
]


@pytest.fixture(autouse=True, params=[4, 1 << 20], ids=["streamed", "in memory"])
def _document_length(request, monkeypatch):
    monkeypatch.setattr(documents, "LONG", request.param)


@pytest.mark.parametrize(("flaw", "code", "what"), FLAWS)
def test_a_flawed_record_of_a_list_is_set_aside_and_the_others_are_read(outcome, flaw, code, what):
    data = b'{"people":[{"id":1,"kids":' + flaw + b'},{"id":2}, {"id":3}],"total":3}'
    found = outcome(data, Json(lists={"people": ""}))
    assert [row[0] for row in found.rows] == ["2", "3"]
    assert [(item.reason, item.place.line) for item in found.aside] == [(code, 1)]
    assert found.aside[0].details.get("what") == _name(what)
    assert sum(batch.received for batch in found.batches) == 3


@pytest.mark.parametrize(("flaw", "code", "what"), [flaw for flaw in FLAWS if b"\n" not in flaw[0]])
def test_a_flawed_line_is_set_aside_with_its_cause(outcome, flaw, code, what):
    found = outcome(b'{"id":1}\n{"id":2,"kids":' + flaw + b'}\n{"id":3}\n', Json(lines=True))
    assert [row[0] for row in found.rows] == ["1", "3"]
    (item,) = found.aside
    assert item.place.line == 2
    assert (item.reason, item.details.get("what")) == (
        (code, _name(what)) if flaw != b'"\xff"' else ("decode.record.flawed", _name("bytes"))
    )


@pytest.mark.parametrize(("flaw", "code", "what"), FLAWS)
def test_a_flawed_document_that_is_one_record_is_that_record(outcome, flaw, code, what):
    found = outcome(b'{"id":1,"kids":' + flaw + b"}", Json())
    assert [(item.reason, item.details.get("what")) for item in found.aside] == [(code, _name(what))]
    assert not found.rows


def test_what_was_read_of_a_flawed_record_is_kept_for_whoever_corrects_it(outcome):
    found = outcome(b'[{"id":1,"kids":NaN}]', Json())
    assert found.aside[0].raw == '{"id":1,"kids":"NaN"}'


@pytest.mark.parametrize("data", [b'[{"a":1},]', b'[{"a":NaN},]', b'[{"a":NaN}'])
def test_broken_syntax_still_parks_the_document(outcome, data):
    with pytest.raises(ParcelError) as refused:
        outcome(data, Json())
    assert refused.value.code in {"decode.parcel.malformed", "decode.parcel.flawed", "decode.parcel.cut"}


def test_a_flaw_in_a_document_that_cannot_be_read_piece_by_piece_is_named(outcome):
    with pytest.raises(ParcelError) as refused:
        outcome('[{"a":1},\n{"a":NaN}]'.encode("utf-16"), Json())
    assert (refused.value.code, refused.value.details["what"]) == ("decode.parcel.flawed", "NaN")


def test_a_flaw_beside_the_records_costs_none_of_them(outcome):
    found = outcome(b'{"people":[{"id":1}],"mean":NaN}', Json(lists={"people": ""}))
    assert found.rows == [("1",)]
    assert not found.aside


ROWS = Xml(rows={"/Envoi/Personne": ""})


@pytest.mark.parametrize("control", [b"\x01", b"\x0b", b"\x00", b"&#1;", b"&#x1F;", b"&#x00;"])
@pytest.mark.parametrize("encoding", [b"utf-8", b"iso-8859-1", b"windows-1252"])
def test_a_control_character_costs_its_row_of_xml(outcome, control, encoding):
    data = b'<?xml version="1.0" encoding="%s"?><Envoi>' % encoding
    data += b"<Personne><Nom>A" + control + b"</Nom></Personne><Personne><Nom>B</Nom></Personne></Envoi>"
    found = outcome(data, ROWS)
    assert found.rows == [("B",)]
    assert found.faults == [("decode.text.replaced", 1, 0)]


@pytest.mark.parametrize("reference", [b"&#9;", b"&#10;", b"&#xD;", b"&#x20;", b"&#233;", b"&#160;"])
def test_references_that_xml_knows_are_text(outcome, reference):
    found = outcome(b"<Envoi><Personne><Nom>A" + reference + b"B</Nom></Personne></Envoi>", ROWS)
    assert len(found.rows) == 1
    assert not found.aside
