"""Documents that a schema accepts: which are tried, and which count as different."""

from __future__ import annotations

import pytest

from passerelle.contracts.evolution.branches import Branch, SchemaDocument
from passerelle.contracts.evolution.schema_samples import Sampler, iter_numbers


def test_around_each_bound_stand_its_neighbours_and_what_small_steps_leap_over():
    found = list(iter_numbers(Branch("number", {"minimum": -100, "maximum": 100}, integer=True)))
    beside = (0, 1, -1, 2, 3, 5, 7, -3)
    expected = [place + shift for place in (-100, 0, 100) for shift in beside]
    assert found == [number for number in expected if -100 <= number <= 100]


def test_numbers_of_a_step_are_its_multiples():
    found = list(iter_numbers(Branch("number", {"minimum": 0, "maximum": 20, "multipleOf": 4})))
    assert found[:5] == [0, 4, 8, 12, 20]
    assert {number % 4 for number in found} == {0}


@pytest.mark.parametrize(
    ("values", "different"), [((), "x"), (("x",), "hier"), (("x", "hier"), "X1"), (("hier", "X1"), "x")]
)
def test_a_different_text_is_none_of_those_named(values, different):
    assert Sampler(SchemaDocument({})).find_different(Branch("string", {}), values) == different


def test_where_every_text_is_named_none_is_different():
    assert Sampler(SchemaDocument({})).find_different(Branch("string", {"maxLength": 1}), ("x", "")) is None
