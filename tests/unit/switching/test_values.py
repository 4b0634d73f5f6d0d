"""Records as texts: what says the same is the same text."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from switching_sides import visit

from passerelle import convert
from passerelle.contracts import catalogue, get
from passerelle.contracts.field_types import list_columns
from passerelle.switching.dependency_order import sort_by_dependency
from passerelle.switching.record_texts import list_compared, map_references, strip_system, to_texts, unwrap_ref

LOCAL = st.text("abcXYZ019~%:-/. é", min_size=1, max_size=30)


def _only(expression: pl.Expr, value: str) -> str:
    return pl.select(expression.alias("x")).item() if value else ""


@settings(max_examples=count_examples(80), deadline=None)
@given(LOCAL, LOCAL)
def test_a_reference_kept_whole_by_a_second_software_is_found_again(number, other):
    first = convert.Ref(("one", "other"), system="ancien", entity="person").parse({"one": number, "other": other})
    second = convert.Ref("id", system="nouveau", entity="person").parse({"id": first})
    if isinstance(second, str):
        assert pl.select(unwrap_ref(pl.lit(second))).item() == first


@pytest.mark.parametrize("ref", ["a:person:1", "a:visit:66f0~2023/01/02%2007%3A15%3A00~77", "a:person:x%25y"])
def test_any_other_reference_stays(ref):
    assert pl.select(unwrap_ref(pl.lit(ref))).item() == ref


def test_the_number_alone_is_what_is_left_without_the_system():
    assert pl.select(strip_system(pl.lit("a:person:12"))).item() == "person:12"


def test_labels_and_spellings_of_a_code_do_not_count():
    said = [{"code": "S1", "system": "x", "label": "Un", "original": "un"}, {"code": "S1"}, {"original": "S1"}]
    frame = pl.DataFrame([visit(1, service=service) for service in said], schema=_schema("visit/1"))
    assert to_texts(frame, "visit/1").get_column("service").to_list() == ["S1"] * 3


def test_an_empty_list_and_an_unknown_one_are_the_same():
    frame = pl.DataFrame([visit(1, identifiers=[], tasks=[]), visit(2)], schema=_schema("visit/1"))
    shown = to_texts(frame, "visit/1")
    assert shown.get_column("identifiers").to_list() == shown.get_column("tasks").to_list() == [None, None]


def _schema(contract: str) -> dict[str, pl.DataType]:
    return {name: kind for name, kind in list_columns(get(contract)).items() if not isinstance(kind, pl.Null)}


def test_all_fields_but_the_reference_and_the_provenance_are_compared():
    for contract in catalogue():
        assert set(list_compared(contract)) == set(get(contract).model_fields) - {"ref", "source"}


def test_what_is_referred_to_comes_first():
    order = sort_by_dependency(catalogue())
    assert sorted(order) == sorted(catalogue())
    assert order.index("organisation/1") < order.index("professional/1") < order.index("person/1")
    assert order.index("person/1") < order.index("case/1") < order.index("interaction/1")
    assert order.index("invoice/1") < order.index("invoice_line/1")
    assert map_references("note/1")["reply_to"] == "note"
