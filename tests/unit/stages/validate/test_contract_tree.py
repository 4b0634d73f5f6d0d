"""A contract as a tree: the narrower bound wins, and what the tree cannot say it does not vouch for."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import pytest
from annotated_types import MultipleOf
from pydantic import AfterValidator, Field, field_validator

from passerelle import contracts
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Sensitivity, declare_field
from passerelle.contracts.types import TEXT, Amount, Coded, Day, FieldKind, Part, Text
from passerelle.stages.validate.contract_tree import read_tree


def declare(*required, **more):
    """Declare a field of which only the type matters here."""
    words = dict.fromkeys(("fr_title", "en_title", "fr", "en", "example"), "x")
    return declare_field(
        *required, subject=DataSubject.NONE, sensitivity=Sensitivity.ORDINARY, purposes=ALL_PURPOSES, **words, **more
    )


class Judged(Part):
    name: Text

    @field_validator("name")
    @classmethod
    def refuse_all(cls, name: str) -> str:
        return name


class Sample(Contract):
    about: ClassVar[ContractMeta] = ContractMeta(
        family="tree_sample", version="1.0.0", fr_title="x", en_title="x", fr="x", en="x"
    )

    title: Text = declare(...)
    short: Annotated[Text, Field(max_length=10)] | None = declare()
    long: Annotated[Text, Field(max_length=1000)] | None = declare()
    figures: Annotated[Text, Field(pattern="^[0-9]+$")] | None = declare()
    quarter: Annotated[int, Field(strict=True, ge=0, le=90), MultipleOf(15)] | None = declare()
    shouted: Annotated[Text, AfterValidator(str.upper)] | None = declare()
    day: Day | None = declare()
    amount: Amount | None = declare()
    word: Literal["a", "b"] | None = declare()
    judged: Judged | None = declare()
    coded: Coded | None = declare()
    several: Annotated[list[Annotated[Text, Field(max_length=5)]], Field(min_length=1, max_length=3)] | None = declare()


TREE = read_tree(Sample).fields


def test_of_two_bounds_the_narrower_counts():
    assert (TREE["title"].max_length, TREE["short"].max_length, TREE["long"].max_length) == (255, 10, 255)
    assert (TREE["several"].min_length, TREE["several"].max_length, TREE["several"].item.max_length) == (1, 3, 5)
    assert (TREE["quarter"].minimum, TREE["quarter"].maximum) == (0, 90)


def test_a_pattern_is_added_to_that_of_the_kind_and_the_same_one_counts_once():
    assert TREE["figures"].patterns == (TEXT, "^[0-9]+$")
    assert TREE["title"].patterns == (TEXT,)


@pytest.mark.parametrize(
    ("name", "certain"),
    [
        ("title", True), ("figures", True), ("day", True), ("amount", True), ("word", True), ("coded", True),
        ("several", True), ("quarter", False), ("shouted", False), ("judged", False),
    ],
)  # fmt: skip
def test_what_asks_for_more_than_bounds_and_patterns_is_not_certain(name, certain):
    assert TREE[name].certain is certain


def test_a_field_is_required_where_the_model_has_no_default():
    assert [name for name, node in TREE.items() if node.required] == ["ref", "title"]


def test_the_words_of_a_closed_list_stand_in_their_order():
    assert (TREE["word"].kind, TREE["word"].words) == (FieldKind.WORD, ("a", "b"))


def test_codes_are_looked_up_where_the_coded_values_stand_in_a_list_too():
    listed = []
    for name in contracts.catalogue():
        contract = contracts.get(name)
        for field, meta in contract.describe_fields().items():
            node = read_tree(contract).fields[field]
            place = node.item or node
            assert (place.codes, place.codes and place.open_codes) == (meta.codes, meta.codes and meta.open_codes), (
                field
            )
            listed += [field] * bool(meta.codes and node.item)
    assert listed


def test_a_contract_is_read_once():
    assert read_tree(Sample) is read_tree(Sample)
