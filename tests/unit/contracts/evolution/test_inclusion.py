"""Inclusion of schemas: every answer of the bench is right, and no answer is ever unsound."""

from __future__ import annotations

import json

import compatibility
import evolution_bench as bench
import pytest

from passerelle.contracts.evolution.inclusion import prove_inclusion
from passerelle.contracts.evolution.schema_verdict import ProofState

KEYWORDS = {"a": "description", "b": "type", "d": "properties", "h": "required"}
EACH = pytest.mark.parametrize("question", compatibility.directed(), ids=lambda question: question.name)


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


@EACH
def test_every_directed_answer_is_right(question):
    if question.witness is not None:
        assert compatibility.breaks(question.inner, question.outer, question.witness)
    assert question.is_right(prove_inclusion(question.inner, question.outer))


@EACH
def test_fields_named_like_keywords_change_nothing(question):
    assert prove_inclusion(renamed(question.inner), renamed(question.outer)).state is question.truth


def test_cross_pairs_are_never_unsound_and_rarely_undecided():
    crossed = compatibility.cross()
    assert crossed.unsound == 0
    assert crossed.undecided <= crossed.pairs * 0.01


def test_the_bench_prints_its_count(capsys):
    assert compatibility.main() == 0
    assert "directed: 84/84 right" in capsys.readouterr().out


@pytest.mark.parametrize("schema", [{"$ref": "#/$defs/nowhere"}, {"$ref": "https://example.org/schema.json"}])
def test_a_reference_that_leads_nowhere_or_out_of_the_house_is_undecided_and_nothing_is_fetched(schema):
    assert (
        prove_inclusion({"properties": {"a": schema}}, {"properties": {"a": {"type": "string"}}}).state
        is ProofState.UNDECIDED
    )
    assert (
        prove_inclusion({"properties": {"a": {"type": "string"}}}, {"properties": {"a": schema}}).state
        is ProofState.UNDECIDED
    )


@pytest.mark.parametrize("pair", bench.PAIRS, ids=[pair.name for pair in bench.PAIRS])
def test_a_version_includes_itself(pair):
    assert prove_inclusion(pair.old.model_json_schema(), pair.old.model_json_schema()).state is ProofState.PROVED
