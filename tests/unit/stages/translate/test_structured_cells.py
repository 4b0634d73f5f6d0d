"""A list or an object in the place of a text sets its record aside; a text that only looks so stays a text."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.path.batch_stream import decode_batches
from passerelle.engine.path.plans import get_plan
from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.supplier import Connector
from passerelle.stages.decode.dialects import Csv, Json
from passerelle.stages.translate import AddressOf, Code, FirstOf, Joined, PerRecord, Ref, Table, Telecom, Text
from passerelle.stages.translate.structured_cells import STRUCTURED, list_text_columns
from passerelle.stages.translate.translation import translate
from passerelle.vocabulary.outcomes import Fate

FIELDS = {
    "ref": Ref("id", system="x", entity="person"),
    "birth_name": Text("name"),
    "first_names": FirstOf(Text("first"), Joined(("f1", "f2"))),
    "title": Code("title"),
    "telecoms": (Telecom("phone"),),
    "addresses": (AddressOf(lines=("street",), city="town"),),
}
CONNECTOR = Connector(id="x-all", title="X", dialect=Json(), tables=(Table(contract="person/1", fields=FIELDS),))
TEXTS = ("id", "name", "first", "f1", "f2", "title", "phone", "street", "town")
STRUCTURES = (["E", "F"], [], [[1]], [{"a": "b"}], {"a": "b"}, {"a": {"b": 1}})


def report_of(*records: dict, connector: Connector = CONNECTOR):
    return check(io.BytesIO(json.dumps(list(records)).encode()), "x", connector)


@pytest.mark.parametrize("column", TEXTS)
@pytest.mark.parametrize("value", STRUCTURES, ids=json.dumps)
def test_a_structure_in_any_column_that_is_read_as_text_sets_its_record_alone_aside(column, value):
    found = report_of({"id": "1", "name": "A", column: value}, {"id": "2", "name": "B", "first": "C"})
    assert (found.balance.fates[Fate.DELIVERED], found.balance.fates[Fate.REJECTED]) == (1, 1)
    (cause,) = [cause for key, cause in found.causes.items() if key.fate == Fate.REJECTED]
    assert (cause.key.code, cause.key.column) == (STRUCTURED, column)


@pytest.mark.parametrize("text", ["[chez la voisine]", "[sic] A", "{A}", "[", "A [x]", "12", ""])
def test_a_text_in_brackets_is_a_text(text):
    assert report_of({"id": "1", "first": text}).balance.fates[Fate.DELIVERED] == 1


def test_a_structure_that_nobody_reads_or_somebody_understands_costs_nothing():
    joined = PerRecord(parse=lambda row: " ".join(json.loads(row["first"])), columns=("first",))
    table = Table(contract="person/1", fields={"ref": FIELDS["ref"], "first_names": joined})
    connector = Connector(id="x-own", title="X", dialect=Json(), tables=(table,))
    found = report_of({"id": "1", "first": ["E", "F"], "other": [1]}, connector=connector)
    assert found.balance.fates[Fate.DELIVERED] == 1


def test_members_that_the_connector_reads_are_no_strangers():
    fields = {"ref": FIELDS["ref"], "birth_name": FirstOf(Text("name"), Text("name.family"))}
    connector = Connector(id="x-two", title="X", dialect=Json(), tables=(Table(contract="person/1", fields=fields),))
    found = report_of({"id": "1", "name": "A"}, {"id": "2", "name": {"family": "B"}}, connector=connector)
    assert found.balance.fates[Fate.DELIVERED] == 2


def test_delimited_text_has_no_types():
    table = Table(contract="person/1", fields={"ref": FIELDS["ref"], "birth_name": Text("name")})
    connector = Connector(id="x-csv", title="X", dialect=Csv(quote=""), tables=(table,))
    found = check(io.BytesIO(b'id;name\n1;["E"]\n'), "x", connector)
    assert found.balance.fates[Fate.DELIVERED] == 1
    assert [key.code for key in found.causes] == ["validate.text.structured"]


def test_a_column_that_another_converter_reads_too_is_left_to_it():
    own = PerRecord(parse=lambda _row: None, columns=("a",))
    assert list_text_columns([Text("a"), FirstOf(Text("b"), own), Joined(("c", "b"))]) == ("b", "c")


VALUES = st.one_of(
    st.sampled_from(STRUCTURES),
    st.text('ab[]{}" ', max_size=4),
    st.booleans(),
    st.none(),
    st.integers(),
    st.just("[1]"),
)


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(TEXTS[1:], VALUES)), min_size=1, max_size=4))
def test_both_ways_of_translation_set_the_same_rows_aside(records):
    rows = [{"id": str(number), **record} for number, record in enumerate(records)]
    plan = get_plan("x", CONNECTOR)
    for decoded in decode_batches(io.BytesIO(json.dumps(rows).encode()), CONNECTOR.dialect):
        columnar, rowwise = (translate(decoded.table, plan, columnar=way) for way in (True, False))
        assert columnar.aside == rowwise.aside
        for one, other in zip(columnar.records, rowwise.records, strict=True):
            assert one.frame.to_dicts() == other.frame.to_dicts()
        gone = {item.row for item in columnar.aside}
        for number, row in enumerate(rows):
            has_structure = any(
                isinstance(value, list) or value in ({"a": "b"}, {"a": {"b": 1}}) for value in row.values()
            )
            assert number in gone or not has_structure
