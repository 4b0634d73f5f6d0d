"""A reference leaves as it is only where its supplier declares so wherever it makes one."""

from __future__ import annotations

from passerelle.extension.opaque_references import iter_references, list_kept, list_openings
from passerelle.extension.supplier import Connector, Supplier
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate.converters.choices import FirstOf
from passerelle.stages.translate.converters.references import Ref
from passerelle.stages.translate.table import Table


def _refer(column: str, entity: str, *, opaque: bool) -> Ref:
    return Ref(column, system="essai", entity=entity, opaque=opaque)


def _make_connector(name: str, **fields: object) -> Connector:
    return Connector(id=name, title=name, dialect=Csv(), tables=(Table(contract="visit/1", fields=fields),))


def test_references_inside_of_a_choice_count_as_well():
    choice = FirstOf(_refer("a", "visit", opaque=True), _refer("b", "visit", opaque=False))
    connector = _make_connector("c", ref=choice, person_ref=_refer("p", "person", opaque=True))
    assert [one.columns for one in iter_references(connector)] == [("a",), ("b",), ("p",)]
    assert list_openings((connector,)) == {"essai:person:": True, "essai:visit:": False}


def test_one_connector_that_does_not_declare_it_hides_the_entity_in_all():
    sure = _make_connector("un", ref=_refer("v", "visit", opaque=True), person_ref=_refer("p", "person", opaque=True))
    other = _make_connector(
        "deux", ref=_refer("w", "visit", opaque=True), person_ref=_refer("q", "person", opaque=False)
    )
    assert list_kept(Supplier(id="essai", title="", connectors=(sure,))) == {"essai:visit:", "essai:person:"}
    assert list_kept(Supplier(id="essai", title="", connectors=(sure, other))) == {"essai:visit:"}


def test_nothing_is_opaque_unless_it_is_declared():
    connector = _make_connector("c", ref=Ref("id", system="essai", entity="visit"))
    assert list_kept(Supplier(id="essai", title="", connectors=(connector,))) == frozenset()
