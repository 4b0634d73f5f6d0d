"""The published schemas say what the models say, in both profiles, in a subset that can be compared."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaError
from jsonschema.validators import extend
from pydantic import ValidationError
from strategies import mutated, records

from passerelle import contracts
from passerelle.contracts.evolution.inclusion import FORMATS, prove_inclusion
from passerelle.contracts.evolution.schema_verdict import ProofState
from passerelle.contracts.publishing.json_schema import Profile, write_schema

CATALOGUE = contracts.catalogue()
EACH = pytest.mark.parametrize("contract_id", list(CATALOGUE))
UNDERSTOOD = {
    "$schema", "$id", "$defs", "$ref", "title", "description", "examples", "deprecated", "x-passerelle",
    "type", "properties", "required", "additionalProperties", "anyOf", "items", "maxItems",
    "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "enum",
}  # fmt: skip


def _ecma_pattern(_validator: Any, pattern: str, instance: Any, _schema: Any):
    """Read `$` as ECMA-262 does, which JSON Schema prescribes: the end, and not before a last line break."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield SchemaError("pattern")


ECMA = extend(Draft202012Validator, {"pattern": _ecma_pattern})


def validator(contract_id: str, profile: Profile) -> Any:
    return ECMA(write_schema(CATALOGUE[contract_id], profile), format_checker=FORMATS)


def pruned(value: Any) -> Any:
    """Drop fields that are null: in canonical form, unknown is absent."""
    if isinstance(value, dict):
        return {key: pruned(inner) for key, inner in value.items() if inner is not None}
    return [pruned(inner) for inner in value] if isinstance(value, list) else value


def accepts(contract_id: str, record: Any) -> bool:
    try:
        CATALOGUE[contract_id].model_validate(record)
    except ValidationError:
        return False
    return True


@EACH
@pytest.mark.parametrize("profile", list(Profile))
def test_a_schema_is_one_for_the_official_validator(contract_id, profile):
    Draft202012Validator.check_schema(write_schema(CATALOGUE[contract_id], profile))


@EACH
@pytest.mark.parametrize("profile", list(Profile))
def test_a_schema_only_uses_what_can_be_compared(contract_id, profile):
    def keywords(rules: Any):
        yield from rules
        for name in ("properties", "$defs"):
            for inner in rules.get(name, {}).values():
                yield from keywords(inner)
        for inner in (rules.get("items"), rules.get("additionalProperties"), *rules.get("anyOf", ())):
            if isinstance(inner, dict):
                yield from keywords(inner)

    written = write_schema(CATALOGUE[contract_id], profile)
    assert set(keywords(written)) <= UNDERSTOOD
    assert prove_inclusion(written, written).state is ProofState.PROVED


@EACH
def test_what_is_emitted_can_be_read(contract_id):
    contract = CATALOGUE[contract_id]
    assert (
        prove_inclusion(write_schema(contract, Profile.EMISSION), write_schema(contract, Profile.READING)).state
        is ProofState.PROVED
    )
    assert (
        prove_inclusion(write_schema(contract, Profile.READING), write_schema(contract, Profile.EMISSION)).state
        is not ProofState.PROVED
    )


@EACH
@settings(max_examples=count_examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_model_accepts_what_the_emission_schema_accepts(contract_id, data):
    record = pruned(data.draw(records(CATALOGUE[contract_id]) | mutated(CATALOGUE[contract_id])))
    emitted = validator(contract_id, Profile.EMISSION).is_valid(record)
    assert accepts(contract_id, record) == emitted
    assert not emitted or validator(contract_id, Profile.READING).is_valid(record)


def test_a_null_and_a_new_field_and_a_new_word_are_read_and_never_emitted():
    base = {"ref": "gaia:person:1"}
    for more in ({"birth_name": None}, {"favourite_colour": "blue"}, {"status": "retired"}, {"birth_name": "x" * 300}):
        assert not validator("person/1", Profile.EMISSION).is_valid(base | more)
        assert validator("person/1", Profile.READING).is_valid(base | more)
    assert not validator("person/1", Profile.READING).is_valid({"birth_name": "DURAND"})
    assert not validator("person/1", Profile.READING).is_valid(base | {"death_date": "31/12/2024"})


def test_who_reads_is_ready_for_lists_twice_as_long():
    def list_sizes(profile: Profile) -> list[int]:
        text = [write_schema(contract, profile) for contract in CATALOGUE.values()]
        return [int(size) for size in re.findall(r"'maxItems': (\d+)", str(text))]

    sizes = list_sizes(Profile.EMISSION)
    assert sizes
    assert list_sizes(Profile.READING) == [2 * size for size in sizes]


def test_a_field_named_like_a_keyword_is_a_field():
    properties = write_schema(CATALOGUE["need/1"], Profile.EMISSION)["properties"]
    assert properties["type"]["$ref"] == "#/$defs/Coded"
    assert properties["description"]["type"] == "string"
