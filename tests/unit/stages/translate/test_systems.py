"""The supplier's name is given once, with the supplier."""

from __future__ import annotations

from passerelle.extension.supplier import Connector, Supplier
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate import FirstOf, Ref, Table
from passerelle.stages.translate.plan import compile_plan
from passerelle.stages.translate.systems import name_system

TABLE = Table(
    contract="visit/1",
    fields={
        "ref": FirstOf(Ref("id", entity="visit"), Ref("n", entity="visit")),
        "person_ref": Ref("p", entity="person", system="other"),
        "related_refs": (Ref("q", entity="person"),),
    },
    cut={"Clés": "{id} {n}"},
)


def test_references_that_do_not_say_whose_they_are_are_the_suppliers():
    connector = Connector(id="x", title="X", dialect=Csv(), tables=(TABLE,))
    (named,) = Supplier(id="acme", title="Acme", connectors=(connector,)).connectors
    fields = named.tables[0].fields
    assert fields["ref"].parse({"Clés": "1 2"}) == "acme:visit:1"
    assert fields["person_ref"].parse({"p": "1"}) == "other:person:1"
    assert fields["related_refs"][0].parse({"q": "1"}) == "acme:person:1"


def test_a_table_in_which_every_reference_has_its_name_stays_the_same_object():
    table = name_system(TABLE, "acme")
    assert name_system(table, "other") is table


def test_a_plan_names_them_too_for_who_compiles_one_alone():
    table = Table(contract="person/1", fields={"ref": Ref("id", entity="person")})
    assert compile_plan([table], supplier="acme").tables[0].table.fields["ref"].parse({"id": "1"}) == "acme:person:1"
