"""A field that leaves and a line that ends say so in every published form."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from typing import ClassVar

import pytest
from jsonschema import Draft202012Validator
from open_data_contract_standard.model import OpenDataContractStandard

from passerelle import contracts
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.evolution.edition_comparison import compare_editions
from passerelle.contracts.evolution.lifecycle import BreachKind, find_breaches, find_support_end
from passerelle.contracts.field_meta import DataSubject, Deprecation, Purpose, Sensitivity, declare_field
from passerelle.contracts.publishing import FILES, build_edition
from passerelle.contracts.types import Instant, Text

WORDS = {
    "fr_title": "Surnom",
    "en_title": "Nickname",
    "fr": "Comment on l'appelle.",
    "en": "What people call it.",
    "example": "Minou",
    "subject": DataSubject.NONE,
    "sensitivity": Sensitivity.ORDINARY,
    "purposes": (Purpose.SUPPORT,),
}
ABOUT = ContractMeta(
    family="cat", version="1.0.0", fr_title="Chat", en_title="Cat", fr="Un chat.", en="A cat.", person=""
)


class Cat(Contract):
    """A contract before."""

    about: ClassVar[ContractMeta] = ABOUT
    nickname: Text | None = declare_field(**WORDS)


class AgingCat(Contract):
    """The same, with a field that leaves."""

    about: ClassVar[ContractMeta] = replace(
        ABOUT, version="1.1.0", successor_published="2027-09-01", reworded=("nickname",)
    )
    nickname: Text | None = declare_field(
        **{**WORDS, "en": "What people call the cat."},
        deprecated=Deprecation(since="1.1.0", until="2028-01-01", replacement="name"),
    )
    name: Text | None = declare_field(**WORDS)


def published(name):
    return FILES[name](AgingCat).decode()


def test_a_schema_marks_the_field_and_says_until_when_and_what_takes_over():
    schema = json.loads(published("schema.json"))
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["nickname"]["deprecated"] is True
    told = {"since": "1.1.0", "until": "2028-01-01", "replacement": "name"}
    assert schema["properties"]["nickname"]["x-passerelle"]["deprecated"] == told
    assert "deprecated" not in schema["properties"]["name"]
    assert schema["x-passerelle"]["support_until"] == "2029-03-02"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dictionnaire.md", ("Déprécié depuis la version 1.1.0, jusqu'au 2028-01-01 ; utiliser `name`", "2029-03-02")),
        ("dictionary.md", ("Deprecated since version 1.1.0, until 2028-01-01 ; use `name`", "2029-03-02")),
        ("odcs.yaml", ("2028-01-01", "2029-03-02")),
    ],
)
def test_people_read_it_in_each_document(name, words):
    assert all(word in published(name) for word in words)


def test_the_standard_s_own_models_load_a_line_that_ends():
    assert OpenDataContractStandard.from_string(published("odcs.yaml")).status == "deprecated"


def test_announcing_and_rewording_is_honest_as_a_minor_change_and_follows_the_rules():
    old, new = build_edition(Cat), build_edition(AgingCat)
    assert new.reworded == {"nickname"}
    assert compare_editions(old, new).is_honest
    assert find_breaches(old, new, published=date(2026, 12, 1)) == []
    assert [fault.kind for fault in find_breaches(old, new, published=date(2027, 2, 1))] == [BreachKind.SHORT_NOTICE]


def test_a_major_line_lives_eighteen_months_after_its_successor():
    assert find_support_end("") == ""
    assert date.fromisoformat(find_support_end("2027-09-01")) >= date(2029, 3, 1)


def test_what_is_deprecated_today_names_a_field_that_exists_and_a_version_of_its_own():
    for contract in [*contracts.catalogue().values(), AgingCat]:
        versions = [number for number, _fr, _en in contract.about.changes] + [contract.about.version]
        for entry in contract.describe_fields().values():
            if entry.deprecated is not None:
                assert entry.deprecated.replacement in contract.model_fields
                assert entry.deprecated.since in versions
                assert all(asdict(entry.deprecated).values())


def test_an_instant_without_a_known_offset_is_refused_by_the_model_and_by_the_schema():
    schema = Draft202012Validator(json.loads(FILES["schema.json"](contracts.get("visit/1"))))
    record = json.loads(FILES["accepted.jsonl"](contracts.get("visit/1")).decode().splitlines()[0])
    for offset, is_right in (("-00:00", False), ("+00:00", True), ("-00:30", True), ("-04:00", True), ("-14:59", True)):
        given = {**record, "planned_start": f"2024-12-31T08:00:00{offset}"}
        assert schema.is_valid(given) is is_right, offset
        accepted = not [one for one in _judged(given) if not one.warns]
        assert accepted is is_right, offset
    assert Instant is not None


def _judged(record):
    from passerelle import validate  # noqa: PLC0415  only this test needs it

    return validate(record, "visit/1")
