"""A document too long to be held gives what a short one gives, byte for byte the same text."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode import documents, window
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.dialects import Json
from passerelle.vocabulary.errors import ParcelError

KEYS = st.sampled_from(["a", "b", "data", "entry", "0", "1", "é"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
)
VALUES = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=4), max_leaves=20
)
PATHS = st.sampled_from(["", "a", "data", "entry", "a.b", "data.entry", "entry.a.b"])


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch):
    """Let every document be long, and every window be three characters."""
    monkeypatch.setattr(documents, "LONG", 0)
    monkeypatch.setattr(window, "_CHUNK", 3)


def told(content: bytes, dialect: Json) -> object:
    try:
        batches = list(decode(BytesIO(content), dialect, block_bytes=1 << 20, block_rows=2, open_workbook=open_rows))
    except ParcelError as error:
        return error.code, dict(error.details)
    return [
        (
            one.number,
            one.table.member,
            one.table.frame.to_dict(as_series=False),
            one.table.lines.to_list(),
            one.aside,
            one.warned,
        )
        for one in batches
    ]


@settings(max_examples=count_examples(300))
@given(document=VALUES, first=PATHS, second=PATHS, indent=st.sampled_from([None, 1]), spoilt=st.integers(0, 400))
def test_a_document_gone_through_gives_what_a_document_held_gives(document, first, second, indent, spoilt):
    content = json.dumps(document, ensure_ascii=False, indent=indent).encode()
    content = content[:spoilt] if spoilt < 100 else content
    dialect = Json(lists={first: "one", second: "two"}, spread=("a",), above=("data", "a.b"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        held = told(content, dialect)
        monkeypatch.setattr(documents, "LONG", 0)
        monkeypatch.setattr(window, "_CHUNK", 3)
        gone_through = told(content, dialect)
    if isinstance(held, tuple):  # where a text that was cut off is wrong can be said in more than one way
        held, gone_through = held[0], gone_through[0]
    assert gone_through == held


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'{"a": [1,\n 2,,]}', "2"),
        (b'{"a": [], \n"a": []}', "2"),
        (b'{"a": []}\n\nrest', "3"),
    ],
)
def test_what_is_not_json_is_refused_with_its_line(content: bytes, line: str):
    assert told(content, Json(lists={"a": ""})) == ("decode.parcel.malformed", {"declared": "JSON", "line": line})


@pytest.mark.usefixtures("small_windows")
def test_what_is_nested_without_end_is_refused():
    assert told(b'{"a": [' + b"[" * 100_000, Json(lists={"a": ""}))[0] == "decode.parcel.too_deep"


@pytest.mark.usefixtures("small_windows")
def test_a_refusal_hangs_on_no_error_that_holds_the_document():
    with pytest.raises(ParcelError) as caught:
        list(
            decode(
                BytesIO(b'{"a": ["Martin", oops]}'),
                Json(lists={"a": ""}),
                block_bytes=1 << 20,
                block_rows=2,
                open_workbook=open_rows,
            )
        )
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_a_list_that_stands_twice_parks_the_parcel_whatever_its_size():
    assert told(b'{"a": [{"b": 1}], "a": [{"b": 2}]}', Json(lists={"a": ""}))[0] == "decode.parcel.malformed"
