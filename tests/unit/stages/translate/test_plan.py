"""The translation plan: what a connector's tables must satisfy, and what is known of them before any row comes."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.contracts.types import FieldKind
from passerelle.stages.translate import (
    Code,
    Constant,
    FirstOf,
    Identifier,
    Number,
    OutOfScope,
    PerRecord,
    Ref,
    Table,
    Text,
    Where,
)
from passerelle.stages.translate.converter import ColumnarTranslation
from passerelle.stages.translate.plan import compile_plan

REF = Ref("id", system="demo", entity="person")


def compile_table(**changes):
    """Compile one table of persons, changed."""
    table = {"contract": "person/1", "fields": {"ref": REF, "birth_name": Text("nom")}} | changes
    (compiled,) = compile_plan([Table(**table)], supplier="demo").tables
    return compiled


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"contract": "persn/1"}, r"contract «persn/1» does not exist; did you mean «person/1»\?"),
        ({"contract": "zzz"}, r"contract «zzz» does not exist$"),
        ({"fields": {"ref": REF, "birth_nam": Text("nom")}}, r"did you mean «birth_name»\?"),
        ({"fields": {"ref": REF, "extra": Text("nom")}}, "field «extra» does not exist"),
        ({"fields": {"birth_name": Text("nom")}}, "nothing fills the required field «ref»"),
        ({"fields": {"ref": [REF, REF]}}, "field «ref» takes exactly one converter"),
        ({"fields": {"ref": REF, "identifiers": []}}, "field «identifiers» takes exactly one converter"),
        (
            {"fields": {"ref": REF, "birth_name": Number("n", integer=True)}},
            "Number does not fit the field «birth_name»",
        ),
        ({"fields": {"ref": Constant("demo:person:1")}}, "no converter reads a column"),
    ],
)
def test_a_table_that_cannot_work_is_refused_when_it_is_compiled(changes, message):
    with pytest.raises(ValueError, match=message):
        compile_table(**changes)


def test_what_required_fields_and_conditions_read_must_be_there_unless_it_is_optional():
    where = (Where("type", ("A",)),)
    assert compile_table(where=where, required=("date",)).required == {"id", "type", "date"}
    assert compile_table(where=where, optional=("type", "id")).required == frozenset()


def test_an_optional_column_is_read_and_not_expected():
    compiled = compile_table(optional=("nom",))
    assert compiled.columns == ("id", "nom")
    assert compiled.expected_columns == {"id"}


def test_extra_carries_a_condition_that_rows_may_answer_in_several_ways():
    one, several, negated = Where("a", ("x",)), Where("b", ("x", "y")), Where("c", ("x",), negated=True)
    assert compile_table(where=(one, several, negated), waived={"w": "derived"}).not_carried == {"id", "nom", "a", "w"}


def test_a_table_knows_what_it_names_and_the_families_it_carries():
    compiled = compile_table(carried=("Ressources/*",), where=(Where("type", ("A", "B")),))
    assert [compiled.knows(name) for name in ("type", "nom", "Ressources/Montant", "Ressource")] == [True] * 3 + [False]


def test_columns_that_decide_what_is_left_out_are_needed_unless_they_are_optional():
    scopes = [
        OutOfScope(fr="x", en="x", member="a", where=(Where("type", ("R",)),)),
        OutOfScope(fr="x", en="x", member="a", where=(Where("motif", ("R",)),), optional=("motif",)),
        OutOfScope(fr="x", en="x", member="b", where=(Where("autre", ("R",)),)),
    ]
    plan = compile_plan([], supplier="demo", out_of_scope=scopes)
    assert plan.list_scope_columns("a") == {"type", "motif"}
    assert plan.list_required_scope_columns("a") == {"type"}
    assert plan.list_scope_columns("none") == frozenset()


def test_a_guarantee_is_known_of_a_field_only_when_its_converter_gives_one():
    plain = PerRecord("nom", parse=lambda row: row["nom"])
    compiled = compile_table(fields={"ref": REF, "birth_name": Text("nom"), "usual_name": FirstOf(Text("a"), plain)})
    guarantees = {field.name: field.guarantee for field in compiled.fields}
    assert (guarantees["ref"].kind, guarantees["birth_name"].kind) == (FieldKind.URN, FieldKind.TEXT)
    assert guarantees["usual_name"] is None


def test_a_list_is_guaranteed_only_when_each_of_its_items_is():
    badge = Identifier("badge", system="badge")
    fields = {"ref": REF, "identifiers": [badge, badge]}
    (_ref, identifiers) = compile_table(fields=fields).fields
    assert len(identifiers.guarantee.items) == 2
    fields["identifiers"] = [badge, PerRecord("x", parse=lambda _row: None)]
    (_ref, identifiers) = compile_table(fields=fields).fields
    assert identifiers.guarantee is None


def test_fields_stand_in_the_order_of_the_contract_and_columns_come_once():
    fields = {"birth_name": Text("nom"), "usual_name": Text("nom"), "ref": REF}
    compiled = compile_table(fields=fields)
    assert compiled.fields[0].name == "ref"
    assert compiled.columns == ("id", "nom")


def test_a_coded_value_fits_only_a_coded_field():
    with pytest.raises(ValueError, match="Code does not fit the field «birth_name»"):
        compile_table(fields={"ref": REF, "birth_name": Code("nom")})


class Torn(Text):
    """A converter whose columns cannot be computed: it adds a number to a list."""

    def parse_columns(self):
        return ColumnarTranslation(pl.concat_list(self.column) + pl.lit("x").str.to_date(), pl.lit(True))


def test_a_converter_whose_columns_cannot_be_computed_is_refused_before_any_row_comes():
    with pytest.raises(ValueError, match="Torn does not fit the field «birth_name»"):
        compile_table(fields={"ref": REF, "birth_name": Torn("nom")})
