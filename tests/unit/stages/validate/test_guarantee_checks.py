"""What a mapping guarantees is trusted only where the contract asks for no more."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.types import TEXT, FieldKind
from passerelle.stages.validate.contract_tree import Node, read_tree
from passerelle.stages.validate.fast_path import _check_every_value, _skip_key_check
from passerelle.stages.validate.guarantee_checks import can_trust
from passerelle.vocabulary.guarantees import Guarantee


def test_a_promise_is_kept_only_where_the_contract_asks_for_no_more():
    visit = read_tree(contracts.get("visit/1")).fields
    cases = [
        (Guarantee("urn"), "person_ref", True),
        (Guarantee("instant"), "planned_start", True),
        (Guarantee("instant"), "team", False),
        (Guarantee("text", 255), "team", True),
        (Guarantee("text", 256), "team", False),
        (Guarantee("text"), "team", False),
        (Guarantee(values=("done", "missed")), "status", True),
        (Guarantee(values=("done", "Done")), "status", False),
        (Guarantee(values=({"code": "x" * 65, "system": None, "label": None, "original": "y"},)), "service", False),
        (Guarantee(values=({"code": "x", "system": None, "label": None, "original": "y"},)), "service", True),
        (Guarantee(values=("12", "1,2")), "billed_quantity", False),
        (Guarantee(), "comment", False),
    ]
    layout = list_columns(contracts.get("visit/1"))
    for promise, field, kept in cases:
        assert can_trust(promise, visit[field], layout[field], _check_every_value) is kept, promise


def test_a_list_keeps_what_is_promised_of_each_of_its_items():
    visit = contracts.get("visit/1")
    node, dtype = _skip_key_check(read_tree(visit).fields["identifiers"]), list_columns(visit)["identifiers"]
    system, number = Guarantee(values=("nir",)), Guarantee("text", 64)
    cases = [
        ([("system", system), ("value", number)], True),
        ([("system", system), ("value", number), ("use", Guarantee(values=("official",)))], True),
        ([("system", system), ("value", Guarantee("text", 65))], False),
        ([("system", Guarantee(values=("",))), ("value", number)], False),
        ([("value", number)], False),
        ([("system", system), ("value", number), ("place", number)], False),
    ]
    for parts, kept in cases:
        one = Guarantee(parts=tuple(parts))
        assert can_trust(Guarantee(items=(one, one)), node, dtype, _check_every_value) is kept, parts


def trust(guarantee, node, dtype=None):
    """Ask without any value that has to be looked at."""
    return can_trust(guarantee, node, dtype or pl.String(), lambda *_asked: pytest.fail("no value is guaranteed"))


@pytest.mark.parametrize(
    ("node", "trusted"),
    [
        (Node(FieldKind.TEXT, patterns=(TEXT,), min_length=1, max_length=10), True),
        (Node(FieldKind.TEXT, patterns=(TEXT,), min_length=2, max_length=10), False),
        (Node(FieldKind.TEXT, patterns=(TEXT, "^x"), max_length=10), False),
        (Node(FieldKind.TEXT, patterns=(TEXT,), max_length=9), False),
        (Node(FieldKind.TEXT, patterns=(TEXT,)), True),
        (Node(FieldKind.TEXT, patterns=(TEXT,), max_length=10, certain=False), False),
        (Node(FieldKind.URN), False),
    ],
)
def test_a_text_of_ten_signs_is_trusted_up_to_what_it_guarantees(node, trusted):
    assert trust(Guarantee(FieldKind.TEXT, 10), node) is trusted


def test_a_list_may_be_shorter_than_its_guarantee_never_longer_than_its_field():
    word = Node(FieldKind.TEXT, patterns=(TEXT,), max_length=64)
    one = Guarantee(FieldKind.TEXT, 64)
    dtype = pl.List(pl.String())
    assert trust(Guarantee(items=(one, one)), Node(FieldKind.LIST, item=word, max_length=2), dtype)
    assert not trust(Guarantee(items=(one, one)), Node(FieldKind.LIST, item=word, max_length=1), dtype)
    assert not trust(Guarantee(items=(one, one)), Node(FieldKind.LIST, item=word, min_length=2), dtype)
    assert not trust(Guarantee(items=(one,)), Node(FieldKind.LIST, item=word))


def test_a_kind_without_a_form_of_its_own_guarantees_nothing():
    assert not trust(Guarantee(FieldKind.INTEGER), Node(FieldKind.INTEGER), pl.Int64())
    assert not trust(Guarantee(), Node(FieldKind.TEXT))


def test_the_values_that_are_looked_at_stay_as_the_guarantee_has_them():
    coded = {"code": "x"}

    def spoil(values, _dtype, _node):
        values.to_list()[0]["code"] = "y"
        return True

    assert can_trust(Guarantee(values=(coded,)), Node(FieldKind.OBJECT), pl.Struct({"code": pl.String()}), spoil)
    assert coded == {"code": "x"}
