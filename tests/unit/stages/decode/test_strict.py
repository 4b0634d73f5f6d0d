"""Strict JSON: digit for digit, nothing that JSON does not know, and no word of the document in what is raised."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.decode.strict import (
    JsonNumber,
    MalformedError,
    dumps,
    find_records,
    get_member,
    is_keyed,
    is_marked,
    list_items,
    loads,
    to_cell,
)

CANARY = "Zz-canari-zZ"


@pytest.mark.parametrize("number", ["0", "-0", "1.50", "1e400", "12345678901234567890123", "0.1000000000000000055"])
def test_a_number_keeps_every_digit_on_its_way(number):
    assert to_cell(loads(f'{{"a": {number}}}'.encode())["a"]) == number
    assert dumps(loads(f"[{number}]".encode())) == f"[{number}]"


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": "x\ny"}', "control"),
        (b'{"a": "\xe9"}', "bytes"),
        (b'{"a": 1,}', ""),
        (b"", ""),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", ""),
    ],
)
def test_what_only_a_lenient_reader_takes_is_named(content, flaw):
    with pytest.raises(MalformedError) as refused:
        loads(content)
    assert (refused.value.flaw, refused.value.deep) == (flaw, False)


def test_what_is_refused_is_not_repeated_and_its_line_is_told():
    with pytest.raises(MalformedError) as refused:
        loads(f'{{\n"{CANARY}": {CANARY}\n}}'.encode())
    assert refused.value.line == 2
    assert CANARY not in repr(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_document_too_deep_for_the_reader_says_so():
    with pytest.raises(MalformedError) as refused:
        loads(b"[" * 200_000)
    assert refused.value.deep


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_mark_says_how_the_bytes_are_to_be_read(codec):
    content = ('{"é": "€"}' if codec.startswith("utf-8") else '\ufeff{"é": "€"}').encode(codec)
    assert loads(content) == {"é": "€"}
    assert is_marked(content) is codec.startswith(("utf-16", "utf-32"))


def test_a_key_that_stands_twice_is_kept_twice_and_read_never():
    value = loads(b'{"a": 1, "b": 2, "a": 3}')
    assert get_member(value, "b") == JsonNumber("2")
    with pytest.raises(MalformedError):
        get_member(value, "a")
    assert dumps(value) == '{"a":1,"b":2,"a":3}'


@pytest.mark.parametrize(
    ("document", "path", "records"),
    [
        ({"a": [1, 2]}, ["a"], [1, 2]),
        ({"a": {"0": {"x": 1}, "1": {"x": 2}}}, ["a"], [{"x": 1}, {"x": 2}]),
        ({"a": [{"b": [1]}, {"c": 0}, {"b": [2]}]}, ["a", "b"], [1, 2]),
        ({"a": None}, ["a"], []),
        ({"a": {"b": 1}}, ["a"], [{"b": 1}]),
        ({"a": 1}, ["b"], None),
        ({"a": [{"c": 0}]}, ["a", "b"], None),
        ({"a": []}, ["a", "b"], []),
        ({"a": "texte"}, ["a", "b"], None),
    ],
)
def test_no_records_at_a_path_is_told_apart_from_no_such_path(document, path, records):
    assert find_records(document, path) == records


def test_only_an_object_of_numbered_objects_is_a_list():
    assert is_keyed({"0": {}, "1": {}})
    assert not is_keyed({"0": {}, "1": 2})
    assert not is_keyed({"a": {}})
    assert list_items({"2024": 1}) == [{"2024": 1}]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_read_is_written_back_as_it_was(value):
    assert json.loads(dumps(loads(json.dumps(value).encode()))) == value


@pytest.mark.parametrize(("value", "cell"), [(None, ""), ("", ""), ("x", "x"), (True, "true"), ([], "[]"), ({}, "{}")])
def test_null_is_an_empty_cell_and_what_holds_others_is_written_as_json(value, cell):
    assert to_cell(value) == cell
