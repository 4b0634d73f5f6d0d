"""Which columns feed which fields: what may be unsaid, what is worth a question, what travels without a field."""

from __future__ import annotations

import pytest

from passerelle.engine.watches.feeding_columns import FeedingColumns
from passerelle.stages.translate import Constant, FirstOf, Ref, Table, Telecom, Text, Where
from passerelle.stages.translate.plan import compile_plan

TABLE = Table(
    contract="person/1",
    fields={
        "ref": Ref("id", system="demo", entity="person"),
        "birth_name": FirstOf(Text("nom"), Text("nom usuel")),
        "comment": Constant("importé"),
        "telecoms": [Telecom("fixe"), Telecom("mobile")],
    },
    where=(Where("type", ("P",)),),
    waived={"âge": "derived"},
    optional=("mobile",),
)
PROFESSIONALS = Table(
    contract="professional/1",
    fields={"ref": Ref("pro", system="demo", entity="professional"), "last_name": Text("nom")},
)


def feeding(*tables, spares=False, carries=False):
    plan = compile_plan(tables or (TABLE,), supplier="demo")
    return FeedingColumns(plan, spares_optional=spares, carries_extra=carries)


def test_a_field_that_is_required_or_constant_is_never_unsaid():
    assert feeding().list_fields("", "person/1") == {
        "birth_name": ("nom", "nom usuel"),
        "telecoms": ("fixe", "mobile"),
    }
    assert feeding().list_fields("autre", "person/1") == {}
    assert feeding().list_fields("", "professional/1") == {}


def test_tables_of_one_contract_are_taken_together_and_of_another_apart():
    other = Table(contract="person/1", fields={"ref": TABLE.fields["ref"], "birth_name": Text("patronyme")})
    columns = feeding(TABLE, other, PROFESSIONALS)
    assert columns.list_fields("", "person/1")["birth_name"] == ("nom", "nom usuel", "patronyme")
    assert columns.list_fields("", "professional/1") == {"last_name": ("nom",)}


@pytest.mark.parametrize(("spares", "asked"), [(False, True), (True, False)])
def test_the_absence_of_an_optional_column_is_emptiness_where_elements_are_left_out(spares, asked):
    columns = feeding(spares=spares)
    assert columns.is_feeding("", "mobile") is asked
    assert columns.is_optional("", "mobile") is spares
    assert columns.is_feeding("", "fixe")
    assert not columns.is_optional("", "fixe")


@pytest.mark.parametrize(("column", "carried"), [("note", True), ("nom", False), ("âge", False), ("type", False)])
def test_a_column_that_travels_without_a_field_is_worth_a_question_too(column, carried):
    columns = feeding(carries=True)
    assert columns.is_carried("", column) is carried
    assert columns.is_feeding("", column) is (carried or column == "nom")


def test_nothing_travels_where_it_is_not_delivered_nor_from_documents_nor_from_nowhere():
    assert not feeding().is_carried("", "note")
    assert not feeding(spares=True, carries=True).is_carried("", "note")
    assert not feeding(carries=True).is_carried("autre", "note")
