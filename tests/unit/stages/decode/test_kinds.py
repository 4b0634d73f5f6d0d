"""A document of another kind, and an API's error, are refused by what they say they are; never «no records»."""

from __future__ import annotations

import json

import pytest

from passerelle.stages.decode import documents
from passerelle.stages.decode.dialects import Json, Xml
from passerelle.vocabulary.errors import ParcelError


def _refusal(outcome, data: bytes, dialect) -> ParcelError:
    with pytest.raises(ParcelError) as refused:
        outcome(data, dialect)
    return refused.value


BUNDLES = Json(lists={"entry": ""}, kind={"resourceType": "Bundle", "type": ("transaction", "collection")})


@pytest.mark.parametrize("long", [1, 1 << 20], ids=["streamed", "in memory"])
def test_a_document_of_a_kind_that_is_read_is_read(outcome, monkeypatch, long):
    monkeypatch.setattr(documents, "LONG", long)
    for kind in ("transaction", "collection"):
        value = {"resourceType": "Bundle", "type": kind, "entry": [{"id": 1}]}
        assert outcome(json.dumps(value).encode(), BUNDLES).rows == [("1",)]


@pytest.mark.parametrize(
    "about",
    [
        {"resourceType": "Bundle", "type": "searchset"},
        {"resourceType": "Bundle"},
        {"type": "transaction"},
        {"resourceType": "Bundle", "type": ["transaction"]},
        {"resourceType": "Bundle", "type": None},
    ],
)
@pytest.mark.parametrize("long", [1, 1 << 20], ids=["streamed", "in memory"])
def test_a_document_of_another_kind_is_parked_with_what_was_expected(outcome, monkeypatch, about, long):
    monkeypatch.setattr(documents, "LONG", long)
    refused = _refusal(outcome, json.dumps({**about, "entry": [{"id": 1}]}).encode(), BUNDLES)
    assert refused.code == "decode.document.other_kind"
    assert refused.details["expected"] in {"Bundle", "transaction / collection"}


def test_a_kind_can_be_refused_by_name(outcome):
    dialect = Json(kind={"resourceType": "!Bundle"})
    assert _refusal(outcome, b'{"resourceType":"Bundle"}', dialect).code == "decode.document.other_kind"
    assert outcome(b'{"resourceType":"Patient"}', dialect).rows == [("Patient",)]


def test_a_line_of_another_kind_costs_that_line(outcome):
    data = b'{"model":"Rdv","id":1}\n{"model":"User","id":2}\n{"id":3}\n{"model":"Rdv","id":4}\n'
    found = outcome(data, Json(lines=True, kind={"model": "Rdv"}))
    assert [row[1] for row in found.rows] == ["1", "4"]
    assert [(item.reason, item.place.line) for item in found.aside] == [
        ("decode.document.other_kind", 2),
        ("decode.document.other_kind", 3),
    ]


CDA = Xml(rows={"/Doc/Row": ""}, kind={"/Doc/code/@code": ("EXPORT", "OLD_EXPORT")}, namespaces=("urn:a", "urn:b"))


def _document(*codes: str, namespace: str = "urn:a") -> bytes:
    inside = "".join(f'<code code="{code}"/>' for code in codes)
    return f'<Doc xmlns="{namespace}">{inside}<Row><a>1</a></Row></Doc>'.encode()


def test_an_element_says_what_the_document_is_wherever_it_stands_among_several(outcome):
    assert outcome(_document("other", "EXPORT"), CDA).rows == [("1",)]


@pytest.mark.parametrize("codes", [(), ("other",), ("",)])
def test_a_document_that_no_element_says_to_be_of_the_kind_is_parked(outcome, codes):
    refused = _refusal(outcome, _document(*codes), CDA)
    assert refused.code == "decode.document.other_kind"
    assert refused.details == {"where": "/Doc/code/@code", "expected": "EXPORT / OLD_EXPORT"}


def test_the_text_of_an_element_can_say_the_kind(outcome):
    dialect = Xml(rows={"/Doc/Row": ""}, kind={"/Doc/Version": "2"})
    assert outcome(b"<Doc><Version> 2 </Version><Row><a>1</a></Row></Doc>", dialect).rows == [("1",)]
    assert _refusal(outcome, b"<Doc><Version>3</Version><Row/></Doc>", dialect).code == "decode.document.other_kind"


def test_a_namespace_that_nobody_declared_is_told_and_the_rows_are_read(outcome):
    found = outcome(_document("EXPORT", namespace="urn:c"), CDA)
    assert [item.reason for item in found.warned] == ["decode.document.namespace"]
    assert found.rows == [("1",)]
    assert not outcome(_document("EXPORT", namespace="urn:b"), CDA).warned


def test_a_document_without_namespace_is_as_declared_only_when_that_is_declared(outcome):
    rows = {"/Doc/Row": ""}
    bare = b"<Doc><Row><a>1</a></Row></Doc>"
    assert not outcome(bare, Xml(rows=rows, namespaces=("",))).warned
    assert [item.reason for item in outcome(bare, Xml(rows=rows, namespaces=("urn:a",))).warned] == [
        "decode.document.namespace"
    ]


USERS = Json(lists={"users": ""})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"error":"forbidden"}', "decode.document.error"),
        ('{"users":[],"error":{"code":500}}', "decode.document.error"),
        ('{"users":null,"errors":["x"]}', "decode.document.error"),
        ('{"users":null}', "decode.document.null_list"),
        ('{"message":"nobody"}', "decode.member.none"),
    ],
)
@pytest.mark.parametrize("long", [1, 1 << 20], ids=["streamed", "in memory"])
def test_an_answer_that_holds_no_data_is_parked(outcome, monkeypatch, text, code, long):
    monkeypatch.setattr(documents, "LONG", long)
    assert _refusal(outcome, text.encode(), USERS).code == code


@pytest.mark.parametrize("text", ['{"users":[]}', '{"users":[],"error":null}', '{"users":[],"errors":[]}'])
def test_an_empty_list_is_an_answer(outcome, text):
    assert outcome(text.encode(), USERS).rows == []


def test_a_null_list_beside_records_is_told(outcome):
    found = outcome(b'{"a":[{"x":1}],"b":null}', Json(lists={"a": "m", "b": "n"}))
    assert [(item.reason, item.place.member) for item in found.warned] == [("decode.document.null_list", "n")]


def test_records_beside_an_error_are_read_and_the_error_is_told_as_unread(outcome):
    found = outcome(b'{"users":[{"id":1}],"errors":["late"]}', USERS)
    assert found.rows == [("1",)]
    assert [(item.reason, item.place.column) for item in found.warned] == [("decode.unread.list", "errors")]


def test_where_the_document_is_the_record_only_a_document_that_is_nothing_but_an_error_is_refused(outcome):
    assert _refusal(outcome, b'{"error":"x","status":"KO"}', Json()).code == "decode.document.error"
    assert outcome(b'{"id":1,"error":"x"}', Json()).rows == [("1", "x")]
