"""What an XML document holds around its rows is counted value by value, and control characters are replaced."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from passerelle.stages.decode import surroundings
from passerelle.stages.decode.dialects import Xml
from passerelle.stages.decode.surroundings import Surroundings, get_local_name, replace_controls, split_path
from passerelle.vocabulary.errors import ParcelError

ROWS = {"/a/lot/b": ""}


def follow(text, above=None, **dialect):
    """Follow a document; return its surroundings."""
    followed = Surroundings(
        Xml(rows=ROWS, **dialect),
        [split_path(path) for path in ROWS],
        {split_path(path): taken for path, taken in (above or {}).items()},
    )
    for event, element in etree.iterparse(io.BytesIO(text.encode()), events=("start", "end")):
        getattr(followed, event)(element)
    return followed


def tell(followed):
    return {one.place.column: one.details["count"] for one in followed.list_warnings() if "count" in one.details}


def test_what_a_row_holds_is_read_whatever_it_is():
    assert tell(follow("<a><lot><b x='1'>t<c>u</c>v</b></lot></a>")) == {}


def test_what_no_row_takes_is_counted_under_the_element_nobody_reads():
    text = "<a><entete x='1'><d>t</d><e/>u</entete><lot><b/><notes>n</notes></lot></a>"
    assert tell(follow(text)) == {"/a/entete": "3", "/a/lot/notes": "1"}


def test_what_an_element_on_the_way_holds_itself_is_counted_at_its_place():
    machinery = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='s'"
    assert tell(follow(f"<a {machinery} v='2'>t<lot no='1'><b/>u</lot></a>")) == {
        "/a/@v": "1",
        "/a": "1",
        "/a/lot/@no": "1",
        "/a/lot": "1",
    }


def test_of_what_a_row_takes_from_above_only_the_first_is_read():
    text = "<a><lot><id>1</id><id>2</id><b/></lot></a>"
    assert tell(follow(text, {"/a/lot/b": ("../id",)})) == {"/a/lot/id": "1"}
    assert tell(follow(text, {"/a/lot/b": ("..",)})) == {}
    assert tell(follow(text, {"/a/lot/b": ("../id#*",)})) == {}


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("<a><type code='x'/><lot/></a>", True),
        ("<a><type code='y'/><lot/></a>", False),
        ("<a><type/><lot/></a>", False),
        ("<a><type code='y'/><type code='x'/><lot/></a>", True),
    ],
)
def test_a_document_is_of_the_kind_that_one_of_its_words_says(text, is_read):
    followed = follow(text, kind={"/a/type/@code": ("x",)})
    if is_read:
        followed.check_kind()
        assert tell(followed) == {}, "what says the kind is read for it"
    else:
        with pytest.raises(ParcelError) as refused:
            followed.check_kind()
        assert refused.value.code == "decode.document.other_kind"


@pytest.mark.parametrize(("known", "told"), [((), False), (("urn:x",), False), (("urn:y", ""), True)])
def test_a_namespace_that_nobody_knows_is_told(known, told):
    reasons = [one.reason for one in follow("<a xmlns='urn:x'><lot/></a>", namespaces=known).list_warnings()]
    assert reasons == ["decode.document.namespace"] * told


def test_names_are_local_and_paths_begin_at_the_root():
    assert (get_local_name("{urn:x}a"), get_local_name("a")) == ("a", "a")
    assert split_path("/a/b/") == split_path("a/b") == ("a", "b")


@given(
    st.lists(
        st.sampled_from(["x", "é", "\x01", "\x1f", "&#1;", "&#x1F;", "&#31;", "&#9;", "&#xA;", "&#65;"]), max_size=8
    )
)
def test_after_the_mending_xml_knows_every_character(pieces):
    mended = replace_controls(io.BytesIO(f"<a>{''.join(pieces)}</a>".encode()))
    text = etree.parse(mended).getroot().text or ""
    lost = {"\x01", "\x1f", "&#1;", "&#x1F;", "&#31;"}
    assert text.count("\ufffd") == sum(piece in lost for piece in pieces)
    assert text.count("A") == pieces.count("&#65;")


@pytest.mark.parametrize("codec", ["utf-8", "cp1252"])
@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("<![CDATA[\x01]]>", "\ufffd"),
        ("<![CDATA[é\x01<b>\x02è]]>\x03", "é\ufffd<b>\ufffdè\ufffd"),
        ("<![CDATA[&#1;\x01]]>&#1;", "&#1;\ufffd\ufffd"),
        ("<![CDATA[a]]>\x01<![CDATA[b]]>", "a\ufffdb"),
    ],
)
def test_a_control_character_in_a_cdata_section_is_lost_and_the_text_around_it_stays(codec, section, text):
    content = f"<?xml version='1.0' encoding='{codec}'?><a>{section}</a>".encode(codec)
    assert etree.parse(replace_controls(io.BytesIO(content))).getroot().text == text


def test_sections_that_never_end_are_passed_through_once():
    content = b"<a>\x01" + b"<![CDATA[" * 200_000
    assert replace_controls(io.BytesIO(content)).read() == content.replace(b"\x01", b"&#xFFFD;")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_of_wider_letters_is_not_mended(codec):
    assert replace_controls(io.BytesIO("<a>\x01</a>".encode(codec))) is None


def test_a_document_too_long_is_not_mended(monkeypatch):
    monkeypatch.setattr(surroundings, "_MAX_MENDED", 3)
    assert replace_controls(io.BytesIO(b"<a>\x01</a>")) is None
