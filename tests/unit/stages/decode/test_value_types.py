"""A boolean where a text belongs is doubted; one id is one id however its number is written."""

from __future__ import annotations

import io
import json

import pytest
import xlsxwriter

from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.supplier import Connector
from passerelle.stages.decode.dialects import Csv, Json, Xlsx
from passerelle.stages.translate import Ref, Table, Text

TABLE = Table(contract="person/1", fields={"ref": Ref("id", system="x", entity="person"), "birth_name": Text("name")})


def _check(data: bytes, dialect):
    refs: list[str] = []
    connector = Connector(id="x-all", title="X", dialect=dialect, tables=(TABLE,))
    report = check(
        io.BytesIO(data), "x", connector, on_records=lambda one, _table: refs.extend(one.frame["ref"].to_list())
    )
    return refs, {
        (key.code, key.column): cause.count for key, cause in report.causes.items() if key.code.endswith("not_text")
    }


@pytest.mark.parametrize("value", [True, False])
def test_yes_or_no_in_the_place_of_a_text_is_doubted(value):
    data = json.dumps([{"id": 1, "name": value}, {"id": 2, "name": "A"}]).encode()
    assert _check(data, Json())[1] == {("decode.value.not_text", "name"): 1}


@pytest.mark.parametrize("value", ["A", "[sic] A", "A [x]", "vrai", None, 12, ""])
def test_texts_numbers_and_nothing_are_not(value):
    data = json.dumps([{"id": 1, "name": value}, {"id": 2, "name": "A"}]).encode()
    assert _check(data, Json())[1] == {}


def test_yes_or_no_is_no_id_either():
    assert _check(b'[{"id":true,"name":"A"},{"id":2,"name":"B"}]', Json())[1] == {("decode.value.not_text", "id"): 1}


def test_a_cell_of_a_worksheet_that_says_yes_or_no_is_doubted_like_a_value_of_json():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for place, row in enumerate([["id", "name"], [1, True], [False, "B"], [3, "C"]]):
            sheet.write_row(place, 0, row)
    refs, doubts = _check(stream.getvalue(), Xlsx())
    assert refs == ["x:person:1", "x:person:false", "x:person:3"]
    assert doubts == {("decode.value.not_text", "id"): 1, ("decode.value.not_text", "name"): 1}


def test_delimited_text_has_no_types():
    assert _check(b"id;name\n1;true\n2.0;[x]\n", Csv()) == (["x:person:1", "x:person:2.0"], {})


@pytest.mark.parametrize(
    ("written", "ref"), [("1", "1"), ("1.0", "1"), ("1.00", "1"), ("1.5", "1.5"), ('"a.0"', "a.0")]
)
def test_a_whole_number_is_one_id(written, ref):
    assert _check(f'[{{"id":{written},"name":"A"}}]'.encode(), Json())[0] == [f"x:person:{ref}"]
