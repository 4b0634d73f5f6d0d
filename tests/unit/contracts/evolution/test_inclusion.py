"""Inclusion of schemas: every answer of the bench is right, and no answer is ever unsound."""

from __future__ import annotations

import json

import evolution_bench as bench
import pytest

from passerelle.contracts.evolution.inclusion import included, validator
from passerelle.contracts.evolution.verdicts import State

KEYWORDS = {"a": "description", "b": "type", "d": "properties", "h": "required"}
DIRECTED = [
    (f"{pair.name}, {direction}", one.model_json_schema(), other.model_json_schema(), witness)
    for pair in bench.PAIRS
    for direction, one, other, witness in (
        ("old read by new", pair.old, pair.new, pair.old_not_new),
        ("new read by old", pair.new, pair.old, pair.new_not_old),
    )
]


def renamed(schema):
    """Give the fields of a schema the names of JSON Schema keywords."""
    text = json.dumps(schema)
    copy = json.loads(text)
    copy["properties"] = {KEYWORDS.get(name, name): rule for name, rule in copy["properties"].items()}
    if "required" in copy:
        copy["required"] = [KEYWORDS.get(name, name) for name in copy["required"]]
    return copy


def test_the_bench_has_forty_two_pairs():
    assert len(bench.PAIRS) == 42


@pytest.mark.parametrize(
    ("inner", "outer", "witness"), [case[1:] for case in DIRECTED], ids=[case[0] for case in DIRECTED]
)
def test_every_directed_answer_is_right(inner, outer, witness):
    if witness is not None:
        assert validator(inner).is_valid(witness)
        assert not validator(outer).is_valid(witness)
    verdict = included(inner, outer)
    assert verdict.state is (State.PROVED if witness is None else State.BROKEN)
    if verdict.state is State.BROKEN:
        assert validator(inner).is_valid(verdict.witness)
        assert not validator(outer).is_valid(verdict.witness)


@pytest.mark.parametrize(
    ("inner", "outer", "witness"), [case[1:] for case in DIRECTED], ids=[case[0] for case in DIRECTED]
)
def test_fields_named_like_keywords_change_nothing(inner, outer, witness):
    verdict = included(renamed(inner), renamed(outer))
    assert verdict.state is (State.PROVED if witness is None else State.BROKEN)


def test_cross_pairs_are_never_unsound_and_rarely_undecided():
    schemas = [
        schema for pair in bench.PAIRS for schema in (pair.old.model_json_schema(), pair.new.model_json_schema())
    ]
    documents = [w for pair in bench.PAIRS for w in (pair.old_not_new, pair.new_not_old) if w is not None]
    documents += [{}, {"a": 1}, {"a": "x"}, {"a": None}, {"a": "12345"}, {"a": []}, {"a": {"ville": "v"}}, 3, None]
    distinct = list({json.dumps(schema, sort_keys=True): schema for schema in schemas}.values())
    accepted = [[validator(schema).is_valid(document) for document in documents] for schema in distinct]
    undecided = 0
    for i, inner in enumerate(distinct):
        for j, outer in enumerate(distinct):
            verdict = included(inner, outer)
            undecided += verdict.state is State.UNDECIDED
            if verdict.state is State.PROVED:
                assert [k for k in range(len(documents)) if accepted[i][k] and not accepted[j][k]] == []
    assert undecided <= len(distinct) ** 2 * 0.01


@pytest.mark.parametrize("pair", bench.PAIRS, ids=[pair.name for pair in bench.PAIRS])
def test_a_version_includes_itself(pair):
    assert included(pair.old.model_json_schema(), pair.old.model_json_schema()).state is State.PROVED
