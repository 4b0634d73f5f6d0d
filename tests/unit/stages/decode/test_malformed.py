"""A document that cannot be read says why: a page of a site in its place, an end that is missing, or a slip inside."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.decode.dialects import Csv, Json, Xml
from passerelle.stages.decode.kinds import describe_flaw
from passerelle.vocabulary.errors import ParcelError

JSON = Json(lists={"people": ""})
XML = Xml(rows={"/people/person": ""})
SIGN_IN = b"<!DOCTYPE html>\n<html><body>Session expir\xc3\xa9e</body></html>"
TEXTS = {
    "JSON": b'{"people":[{"id":1,"name":"A"},\n{"id":2,"name":"B {"}]}\n',
    "XML": b"<people><person><id>1</id></person>\n<person><id>2</id></person></people>\n",
}


@pytest.fixture
def told(outcome):
    """Return the code and the details with which a text is refused."""

    def read(content, dialect):
        with pytest.raises(ParcelError) as refused:
            outcome(content, dialect)
        return refused.value.code, refused.value.details

    return read


@pytest.mark.parametrize("dialect", [JSON, XML, Csv()], ids=["JSON", "XML", "CSV"])
@pytest.mark.parametrize(
    "page", [SIGN_IN, SIGN_IN.partition(b"\n")[2], b"\xef\xbb\xbf \n<HTML>", b"<html>\n<br></html>"]
)
def test_a_web_page_in_place_of_data_is_called_one(told, dialect, page):
    code, details = told(page, dialect)
    assert code == "decode.parcel.web_page"
    assert details["declared"] in ("JSON", "XML", "CSV")


@pytest.mark.parametrize(("name", "dialect"), [("JSON", JSON), ("XML", XML)])
@settings(max_examples=count_examples(60))
@given(data=st.data())
def test_what_was_cut_anywhere_says_so_and_where(outcome, name, dialect, data):
    whole = TEXTS[name].strip()
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(ParcelError) as refused:
        outcome(whole[:cut], dialect)
    assert refused.value.code == "decode.parcel.cut"
    assert refused.value.details["declared"] == name


@pytest.mark.parametrize(
    "content",
    [b'{"people":[{"id":1},]}', b'// x\n{"people":[]}', b'{"people":[]} {}', b"id;name\n1;A\n", b'{"people" []}'],
)
def test_a_slip_inside_is_no_cut(told, content):
    assert told(content, JSON)[0] == "decode.parcel.malformed"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<people><person><id>1</id><name>A & B</name></person></people>", "markup"),
        (b"<people><person><id>1</id><name>A&nbsp;B</name></person></people>", "markup"),
        (b"<people><person><id>1</id><name>A&B</name></person></people>", "markup"),
        (b"<people><person><id>1</id><name>A < B</name></person></people>", "markup"),
        (
            "<?xml version='1.0' encoding='utf-8'?><people><person><id>É</id></person></people>".encode("cp1252"),
            "encoding",
        ),
    ],
)
def test_a_value_that_xml_does_not_know_is_named_with_its_line(told, content, what):
    code, details = told(content, XML)
    assert code == "decode.parcel.flawed"
    assert details["what"] == describe_flaw(what)
    assert details["line"] == "1"
