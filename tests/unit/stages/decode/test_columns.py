"""Members of plain records become columns, all records at a time."""

from __future__ import annotations

import jiter
import pytest

from passerelle.stages.decode.columns import Columns, OddRecordsError, restore
from passerelle.stages.decode.inside import Inside
from passerelle.stages.decode.strict import JsonNumber


def flatten(text: bytes, *spread: str) -> dict[str, list[str | None]]:
    columns = Columns(Inside(frozenset(spread)))
    columns.flatten(jiter.from_json(text, float_mode="lossless-float"))
    return {name: one.to_list() for name, one in columns.series.items()}


def test_null_is_an_empty_text_and_a_member_left_out_is_none():
    assert flatten(b'[{"a":null},{"a":1.50},{"b":true}]') == {"a": ["", "1.50", None], "b": [None, None, "true"]}


def test_objects_and_named_lists_are_gone_into_where_they_stand():
    found = flatten(b'[{"a":{"b":1}},{"a":null},{"c":[7,[8.0]]},{"c":[]}]', "c")
    assert found == {
        "a": [None, "", None, None],
        "a.b": ["1", None, None, None],
        "c": [None, None, None, ""],
        "c.0": [None, None, "7", None],
        "c.1": [None, None, "[8.0]", None],
    }


def test_two_members_of_one_name_are_not_guessed_at():
    with pytest.raises(OddRecordsError):
        flatten(b'[{"a":{"b":1},"a.b":2}]')


def test_numbers_are_restored_as_they_were_written():
    assert restore(jiter.from_json(b'[1.50,{"a":7}]', float_mode="lossless-float")) == ["1.50", {"a": JsonNumber("7")}]
