"""Every bound of a schema, on both sides: what is narrowed is broken with a counter-example, what is widened is not."""

from __future__ import annotations

from typing import Any

import pytest

from passerelle.contracts.evolution.branches import is_same_value
from passerelle.contracts.evolution.inclusion import build_validator, prove_inclusion
from passerelle.contracts.evolution.schema_verdict import ProofState
from passerelle.contracts.evolution.text_inclusion import compare_strings

TEXT, NUMBER, INTEGER, LIST = ({"type": name} for name in ("string", "number", "integer", "array"))
CODE = {**TEXT, "pattern": "^[A-Z]{2}$"}
OPEN = {"type": "object", "properties": {"a": TEXT}}
CLOSED = {**OPEN, "additionalProperties": False}

NARROWED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("minLength raised by one", {**TEXT, "minLength": 2}, {**TEXT, "minLength": 3}),
    ("minLength added", TEXT, {**TEXT, "minLength": 1}),
    (
        "minLength raised beside a pattern",
        {**TEXT, "pattern": "^[a-z]*$"},
        {**TEXT, "pattern": "^[a-z]*$", "minLength": 1},
    ),
    (
        "minLength raised, longer than a walk",
        {**TEXT, "minLength": 1, "maxLength": 900},
        {**TEXT, "minLength": 2, "maxLength": 900},
    ),
    (
        "minLength raised up to maxLength",
        {**TEXT, "minLength": 4, "maxLength": 5},
        {**TEXT, "minLength": 5, "maxLength": 5},
    ),
    ("maxLength lowered by one", {**TEXT, "maxLength": 3}, {**TEXT, "maxLength": 2}),
    ("maxLength added", TEXT, {**TEXT, "maxLength": 255}),
    ("maxLength added, longer than a walk", TEXT, {**TEXT, "maxLength": 20_000}),
    ("maxLength lowered, at the limit of a walk", {**TEXT, "maxLength": 400}, {**TEXT, "maxLength": 399}),
    ("maxLength lowered, beyond a walk", {**TEXT, "maxLength": 402}, {**TEXT, "maxLength": 401}),
    ("pattern added", TEXT, CODE),
    ("pattern with one letter less", CODE, {**TEXT, "pattern": "^[A-Y]{2}$"}),
    ("pattern with one repetition less", {**TEXT, "pattern": "^[A-Z]{1,3}$"}, {**TEXT, "pattern": "^[A-Z]{1,2}$"}),
    ("pattern that needs one more", {**TEXT, "pattern": "^[A-Z]{1,3}$"}, {**TEXT, "pattern": "^[A-Z]{2,3}$"}),
    ("pattern anchored at its start", {**TEXT, "pattern": "a"}, {**TEXT, "pattern": "^a"}),
    ("pattern anchored at its end", {**TEXT, "pattern": "a"}, {**TEXT, "pattern": "a$"}),
    ("enum with a word less", {**TEXT, "enum": ["a", "b"]}, {**TEXT, "enum": ["a"]}),
    ("enum added", TEXT, {**TEXT, "enum": ["a"]}),
    ("const for an enum", {"enum": ["a", "b"]}, {"const": "a"}),
    ("minimum raised by one", {**INTEGER, "minimum": 0}, {**INTEGER, "minimum": 1}),
    ("minimum added", INTEGER, {**INTEGER, "minimum": 0}),
    ("minimum excluded", {**NUMBER, "minimum": 0}, {**NUMBER, "exclusiveMinimum": 0}),
    ("maximum lowered by one", {**INTEGER, "maximum": 2}, {**INTEGER, "maximum": 1}),
    ("maximum added", NUMBER, {**NUMBER, "maximum": 100}),
    ("maximum excluded", {**NUMBER, "maximum": 10}, {**NUMBER, "exclusiveMaximum": 10}),
    ("numbers become integers", NUMBER, INTEGER),
    ("steps added", INTEGER, {**INTEGER, "multipleOf": 5}),
    ("minItems raised by one", {**LIST, "minItems": 1}, {**LIST, "minItems": 2}),
    ("minItems added", LIST, {**LIST, "minItems": 1}),
    ("maxItems lowered by one", {**LIST, "maxItems": 2}, {**LIST, "maxItems": 1}),
    ("maxItems added", LIST, {**LIST, "maxItems": 3}),
    ("items narrowed", {**LIST, "items": TEXT}, {**LIST, "items": CODE}),
    ("items narrowed in a list of one", {**LIST, "items": TEXT, "maxItems": 1}, {**LIST, "items": CODE, "maxItems": 1}),
    ("a field becomes required", OPEN, {**OPEN, "required": ["a"]}),
    ("an object is closed", OPEN, CLOSED),
    ("further fields are narrowed", OPEN, {**OPEN, "additionalProperties": TEXT}),
    ("a type goes", {"type": ["string", "null"]}, TEXT),
    ("flags for everything", {}, {"type": "boolean"}),
]  # fmt: skip

APART: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "minLength raised with room above",
        {**TEXT, "minLength": 1, "maxLength": 9},
        {**TEXT, "minLength": 2, "maxLength": 20},
    ),
    ("maxLength lowered below a minimum", {**TEXT, "minLength": 3, "maxLength": 4}, {**TEXT, "maxLength": 3}),
    ("a number of the enum is no longer true", {"enum": [True]}, {"enum": [1]}),
    ("steps that do not divide", {**INTEGER, "multipleOf": 4}, {**INTEGER, "multipleOf": 3}),
    ("uniqueItems added", {**LIST, "maxItems": 2}, {**LIST, "uniqueItems": True}),
    ("a closed object loses a field", CLOSED, {"type": "object", "additionalProperties": False}),
    ("another type", TEXT, INTEGER),
    ("a date for any text", TEXT, {**TEXT, "format": "date"}),
]  # fmt: skip
"""Neither side includes the other, or only with knowledge that no keyword shows."""

IMPLIED = [
    ("one item is always unique", {**LIST, "maxItems": 1}, {**LIST, "uniqueItems": True}),
    ("a list that must be empty holds anything", {**LIST, "items": TEXT, "maxItems": 0}, {**LIST, "items": CODE}),
    ("a pattern implies its length", CODE, {**TEXT, "minLength": 2, "maxLength": 2}),
    (
        "a pattern and lengths imply another pattern",
        {**TEXT, "pattern": "^a*$", "maxLength": 1},
        {**TEXT, "pattern": "^a?$"},
    ),
    ("steps of four are steps of two", {**INTEGER, "multipleOf": 4}, {**INTEGER, "multipleOf": 2}),
    ("an excluded bound is inside the same bound", {**NUMBER, "exclusiveMaximum": 9}, {**NUMBER, "maximum": 9}),
    ("a closed object has no further fields", CLOSED, {**OPEN, "additionalProperties": TEXT}),
]  # fmt: skip


def assert_broken(inner, outer):
    verdict = prove_inclusion(inner, outer)
    assert verdict.state is ProofState.BROKEN
    assert build_validator(inner).is_valid(verdict.witness)
    assert not build_validator(outer).is_valid(verdict.witness)


@pytest.mark.parametrize(("name", "wide", "narrow"), NARROWED, ids=[name for name, *_ in NARROWED])
def test_a_narrowed_bound_is_broken_and_a_widened_one_is_proved(name, wide, narrow):
    assert_broken(wide, narrow)
    assert prove_inclusion(narrow, wide).state is ProofState.PROVED, name


@pytest.mark.parametrize(("name", "inner", "outer"), APART, ids=[name for name, *_ in APART])
def test_what_lost_a_document_is_broken(name, inner, outer):
    assert_broken(inner, outer)


@pytest.mark.parametrize(("name", "inner", "outer"), IMPLIED, ids=[name for name, *_ in IMPLIED])
def test_what_another_bound_already_implies_is_proved(name, inner, outer):
    assert prove_inclusion(inner, outer).state is ProofState.PROVED, name


@pytest.mark.parametrize("schema", [schema for _name, *pair in [*NARROWED, *APART] for schema in pair], ids=str)
def test_a_schema_is_included_in_itself(schema):
    assert prove_inclusion(schema, dict(schema)).state is ProofState.PROVED


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (TEXT, {**TEXT, "not": {"const": "a"}}),
        (TEXT, {"allOf": [TEXT, {"minLength": 1}]}),
        (TEXT, {"oneOf": [TEXT, TEXT]}),
        (CODE, {**TEXT, "pattern": "^(?=[A-Z])"}),
        ({**TEXT, "format": "date"}, {**TEXT, "pattern": "^[0-9-]+$"}),
        ({**TEXT, "format": "uuid"}, {**TEXT, "format": "uri"}),
    ],
    ids=str,
)
def test_what_cannot_be_decided_is_never_said_to_be_compatible(inner, outer):
    assert prove_inclusion(inner, outer).state is ProofState.UNDECIDED


@pytest.mark.parametrize(
    ("inner", "outer", "length"),
    [
        ({"maxLength": 402}, {"maxLength": 401}, 402),
        ({}, {"maxLength": 401}, 402),
        ({"format": "x", "minLength": 1}, {"minLength": 2}, 1),
        ({"minLength": 500}, {"minLength": 501}, 500),
    ],
    ids=str,
)
def test_beyond_a_walk_the_counter_example_is_one_too_long_or_one_too_short(inner, outer, length):
    verdict = compare_strings(inner, outer)
    assert verdict.state is ProofState.BROKEN
    assert len(verdict.witness) == length


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ({"format": "date"}, {"pattern": "^[0-9-]+$"}),
        ({"format": "date", "pattern": "^2"}, {"maxLength": 9}),
        ({"pattern": "^2", "maxLength": 900}, {"maxLength": 800}),
        ({"pattern": "^2", "maxLength": 900}, {"minLength": 500}),
    ],
    ids=str,
)
def test_lengths_alone_break_nothing_where_a_pattern_or_a_format_may_allow_no_such_text(inner, outer):
    assert compare_strings(inner, outer).state is ProofState.UNDECIDED


@pytest.mark.parametrize(
    ("name", "text", "is_valid"),
    [
        ("date", "2024-12-31", True),
        ("date", "2024-02-30", False),
        ("date", "20241231", False),
        ("date", "2024-W52-2", False),
        ("date-time", "2024-12-31T08:00:00+01:00", True),
        ("date-time", "2024-12-31t08:00:00Z", True),
        ("date-time", "2024-12-31 08:00:00+01:00", False),
        ("date-time", "2024-12-31T08:00:00", False),
        ("date", 12, True),
        ("date-time", 12, True),
    ],
)
def test_a_format_is_checked_of_texts_only(name, text, is_valid):
    assert build_validator({"format": name}).is_valid(text) is is_valid


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(True, True, True), (True, 1, False), (0, False, False), (False, True, False), (1, 1.0, True), ("a", "a", True)],
)
def test_a_flag_is_no_number(one, other, same):
    assert is_same_value(one, other) is same


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (TEXT, {"allOf": [TEXT]}),
        (TEXT, {"anyOf": [True]}),
        (TEXT, {"anyOf": [False, TEXT]}),
        ({"anyOf": [TEXT, {"type": "null"}], "description": "x"}, {"oneOf": [TEXT, {"type": "null"}]}),
        ({"anyOf": [TEXT], "maxLength": 3}, {**TEXT, "maxLength": 3}),
        ({"anyOf": [TEXT], "type": "string"}, TEXT),
    ],
    ids=str,
)
def test_unions_that_say_the_same_are_proved_both_ways(inner, outer):
    assert prove_inclusion(inner, outer).state is ProofState.PROVED


def test_rules_beside_a_union_bind_each_of_its_options():
    assert_broken({"anyOf": [TEXT, {"type": "null"}]}, {"anyOf": [{**TEXT, "maxLength": 3}, {"type": "null"}]})
    assert_broken({"anyOf": [TEXT], "maxLength": 3}, {**TEXT, "maxLength": 2})
    assert_broken(TEXT, {"anyOf": [True], "maxLength": 3})
    assert prove_inclusion({"anyOf": [True], "maxLength": 3}, {"maxLength": 3}).state is ProofState.PROVED
    assert_broken(TEXT, {"anyOf": [{**TEXT, "maxLength": 3}, TEXT], "maxLength": 3})
    assert prove_inclusion(TEXT, {"anyOf": [{**TEXT, "maxLength": 3}], "maxLength": 4}).state is ProofState.UNDECIDED
