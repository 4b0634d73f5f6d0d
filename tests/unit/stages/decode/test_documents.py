"""JSON: flat rows of text, digits as they were written."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.decode.dialects import Json
from passerelle.vocabulary.errors import ParcelError


def refusal(outcome, data: bytes, dialect: Json) -> ParcelError:
    with pytest.raises(ParcelError) as refused:
        outcome(data, dialect)
    return refused.value


def test_nested_objects_become_columns_by_path_and_lists_stay_json(outcome):
    data = (
        b'[{"id":1,"customer":{"id":"7","address":{"city":"Paris"}},"tags":["a",1.50,{"b":null}],"ok":true,"no":null}]'
    )
    found = outcome(data, Json())
    assert found.columns == ["id", "customer.id", "customer.address.city", "tags", "ok", "no"]
    assert found.rows == [("1", "7", "Paris", '["a",1.50,{"b":null}]', "true", "")]


def test_numbers_keep_every_digit(outcome):
    numbers = ["1.50", "0.1000", "-0", "1e400", "12345678901234567890.123", "1E-7"]
    records = ",".join('{"n":' + number + "}" for number in numbers)
    found = outcome(f"[{records}]".encode(), Json())
    assert [row[0] for row in found.rows] == numbers


@pytest.mark.parametrize("records", ['[{"a":1},{"a":2}]', '{"0":{"a":1},"1":{"a":2}}'])
def test_a_list_and_a_keyed_object_are_the_same(outcome, records):
    data = f'{{"data":{{"result":{records}}},"status":"OK"}}'.encode()
    found = outcome(data, Json(lists={"data.result": "x"}))
    assert (found.rows, found.lines) == ([("1",), ("2",)], [1, 2])
    assert found.batches[0].table.member == "x"


def test_one_object_where_a_list_could_be_is_one_record(outcome):
    assert outcome(b'{"user":{"id":3}}', Json(lists={"user": ""})).rows == [("3",)]


def test_a_path_goes_through_lists(outcome):
    found = outcome(b'{"entry":[{"r":{"id":1}},{"r":{"id":2}},{"q":3}]}', Json(lists={"entry.r": ""}))
    assert found.rows == [("1",), ("2",)]


def test_all_batches_of_a_list_have_the_same_columns(outcome):
    found = outcome(b'[{"a":1},{"b":2},{"a":3,"c":4}]', Json(), block_rows=1)
    assert [batch.table.frame.columns for batch in found.batches] == [["a", "b", "c"]] * 3
    assert found.rows[1] == (None, "2", None)


def test_an_empty_list_gives_one_batch_without_rows(outcome):
    for empty in ("[]", "{}"):
        found = outcome(f'{{"list":{empty}}}'.encode(), Json(lists={"list": "x"}))
        assert [batch.received for batch in found.batches] == [0]


def test_several_lists_are_members_in_declared_order_and_missing_ones_are_warned_of(outcome):
    found = outcome(b'{"b":[{"x":1}],"a":[{"y":1}]}', Json(lists={"a": "m", "b": "n", "c": "o"}))
    assert [batch.table.member for batch in found.batches] == ["m", "n"]
    assert [(item.reason, item.details) for item in found.warned] == [("decode.member.missing", {"expected": "c"})]


def test_bad_records_are_set_aside_with_their_ordinal_and_text(outcome):
    data = b'[{"a":1},{"a":2,"a":3},4,{"a":"\\ud800"},{"a":"x\\u0000"},{"a":"\xc3\x83\xc2\xa9"},{"a":5}]'
    found = outcome(data, Json())
    assert (found.rows, found.lines) == ([("1",), ("5",)], [1, 7])
    assert found.faults == [
        ("decode.record.repeated_key", 2, 0),
        ("decode.record.not_object", 3, 0),
        ("decode.text.replaced", 4, 0),
        ("decode.text.nul", 5, 0),
        ("decode.text.mojibake", 6, 0),
    ]
    assert found.aside[0].raw == '{"a":2,"a":3}'
    assert all(item.raw.encode() for item in found.aside)


def test_paths_that_meet_and_reserved_names_stay_apart(outcome):
    found = outcome(b'[{"a.b":1,"a":{"b":2},"_row":3}]', Json())
    assert found.columns == ["a.b", "a.b#2", "_row#2"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "decode.parcel.empty"),
        (b"\xef\xbb\xbf \n", "decode.parcel.empty"),
        (b"[{]", "decode.parcel.malformed"),
        (b'[{"a":1},]', "decode.parcel.malformed"),
        (b"a;b\n1;2\n", "decode.parcel.malformed"),
        (b"[" * 100_000, "decode.parcel.too_deep"),
    ],
)
def test_what_is_not_json_parks_the_parcel(outcome, data, code):
    assert refusal(outcome, data, Json()).code == code


def test_the_refusal_says_the_line_and_holds_no_value(outcome):
    refused = refusal(outcome, b'{\n"nom": "Martin",\n"x": oops}', Json())
    assert refused.details == {"declared": "JSON", "line": "3"}
    assert refused.__cause__ is None
    assert refused.__context__ is None


def test_none_of_the_lists_parks_the_parcel(outcome):
    assert refusal(outcome, b'{"total":"0"}', Json(lists={"data.list": ""})).code == "decode.member.none"


def test_records_nested_too_deep_are_set_aside(outcome):
    deep = '{"a":' * 150 + "1" + "}" * 150
    lists = '{"a":' + "[" * 800 + "]" * 800 + "}"
    found = outcome(f"[{deep},{lists},{{}}]".encode(), Json())
    assert [item.reason for item in found.aside] == [
        "decode.record.too_deep",
        "decode.record.too_deep",
        "decode.record.empty",
    ]


def test_an_object_without_members_is_set_aside_and_not_lost(outcome):
    found = outcome(b'[{},{"a":1},{"b":{}}]', Json())
    assert found.rows == [("1",)]
    assert found.faults == [("decode.record.empty", 1, 0), ("decode.record.empty", 3, 0)]


def test_a_record_with_too_many_members_is_set_aside(outcome):
    wide = json.dumps({f"c{number}": 1 for number in range(5000)})
    found = outcome(f'[{wide},{{"c1":"x"}}]'.encode(), Json())
    assert found.faults == [("decode.record.too_many_cells", 1, 0)]
    assert len(found.rows) == 1


def test_marks_are_tolerated(outcome):
    text = '[{"a":"é"}]'
    for data in (codecs.BOM_UTF8 + text.encode(), text.encode("utf-16")):
        assert outcome(data, Json()).rows == [("é",)]


def test_lines_are_read_one_by_one_and_a_bad_one_costs_itself(outcome):
    data = b'\xef\xbb\xbf{"a":1}\n\n{"a":\r\n"x"\n{"a":"\xff"}\n{"b":2}'
    found = outcome(data, Json(lines=True), block_rows=2)
    assert found.lines == [1, 6]
    assert found.faults == [
        ("decode.record.malformed", 3, 0),
        ("decode.record.not_object", 4, 0),
        ("decode.record.flawed", 5, 0),
    ]
    assert found.batches[-1].consumed == len(data)


def test_no_line_at_all_parks_the_parcel(outcome):
    assert refusal(outcome, b"\n \n", Json(lines=True)).code == "decode.parcel.empty"


def test_an_endless_line_is_set_aside_and_the_next_one_read(outcome):
    data = b'{"a":"' + b"x" * (17 << 20) + b'"}\n{"a":"y"}\n'
    found = outcome(data, Json(lines=True))
    assert (found.rows, found.lines) == ([("y",)], [2])
    assert found.faults == [("decode.row.too_long", 1, 0)]


SCALAR = st.none() | st.booleans() | st.integers() | st.text(alphabet='aé "\\{}[]\n', max_size=5)
RECORD = st.dictionaries(st.text(alphabet="abc", min_size=1, max_size=2), SCALAR, min_size=1, max_size=4)


@given(records=st.lists(RECORD, max_size=8), rows=st.sampled_from([1, 3, 100]))
@settings(max_examples=count_examples(100), deadline=None)
def test_every_scalar_comes_back_as_its_text(outcome, records, rows):
    found = outcome(json.dumps(records).encode(), Json(), block_rows=rows)
    given_rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    words = {True: "true", False: "false", None: ""}
    for record, row in zip(records, given_rows, strict=True):
        for name, value in record.items():
            text = words[value] if value is None or isinstance(value, bool) else str(value)
            assert row[name] == text


@given(number=st.decimals(allow_nan=False, allow_infinity=False))
@settings(max_examples=count_examples(50), deadline=None)
def test_no_number_goes_through_a_float(outcome, number):
    text = format(number, "f")
    (row,) = outcome(f'[{{"n":{text}}}]'.encode(), Json()).rows
    assert row == (text,)
    assert Decimal(row[0]) == number


def test_short_lists_that_are_named_become_columns_and_an_empty_one_none(outcome):
    data = b'{"rdvs": [{"id": 1, "agents": [{"id": 7}, {"id": 8}], "tags": ["x"]}, {"id": 2, "agents": []}]}'
    found = outcome(data, Json(lists={"rdvs": ""}, spread=("agents",)))
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    assert rows[0] == {"id": "1", "agents.0.id": "7", "agents.1.id": "8", "tags": '["x"]'}
    # an empty list is said to be empty; `tags`, which is not there at all, is not
    assert rows[1] == {"id": "2", "agents.0.id": "", "agents.1.id": "", "tags": None}


def test_several_paths_to_one_member_are_read_where_they_are_and_missed_only_together(outcome):
    lists = {"many": "", "one": ""}
    found = outcome(b'{"one": {"id": 3}}', Json(lists=lists))
    assert [row[0] for row in found.rows] == ["3"]
    assert [warned.reason for batch in found.batches for warned in batch.warned] == []
