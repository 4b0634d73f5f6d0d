"""Every contract says everything of every field."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from passerelle import contracts, nomenclatures
from passerelle.contracts import field_types
from passerelle.contracts.field_meta import DataSubject, Purpose, Sensitivity
from passerelle.contracts.types import FieldKind

CATALOGUE = list(contracts.catalogue().values())
FAMILIES = {contract.about.family for contract in CATALOGUE}
EACH = pytest.mark.parametrize("contract", CATALOGUE, ids=lambda contract: contract.about.family)


def _minimal(contract):
    return {
        name: contract.describe_fields()[name].example
        for name, info in contract.model_fields.items()
        if info.is_required()
    }


def test_the_catalogue_has_every_contract_once():
    assert len(CATALOGUE) == 23
    assert len(FAMILIES) == 23
    assert [contract.about.id for contract in CATALOGUE] == list(contracts.catalogue())
    assert contracts.get("visit/1").about.family == "visit"
    with pytest.raises(KeyError):
        contracts.get("visit/9")


@EACH
def test_every_field_has_its_words_in_both_languages(contract):
    for name, entry in contract.describe_fields().items():
        assert all(text.strip() for text in (entry.fr_title, entry.en_title, entry.fr, entry.en)), name
        assert entry.fr.endswith((".", "…")), name
        assert entry.en.endswith((".", "…")), name
        assert "|" not in entry.fr + entry.en, name


@EACH
def test_every_field_has_an_example_that_is_valid(contract):
    for name, entry in contract.describe_fields().items():
        record = contract.model_validate({**_minimal(contract), name: entry.example})
        assert record.model_dump(mode="json", exclude_none=True)[name] == entry.example


@EACH
def test_every_field_says_who_needs_it(contract):
    for entry in contract.describe_fields().values():
        assert entry.purposes
        assert entry.serves(Purpose.PORTABILITY)


@EACH
def test_every_reference_points_to_a_family_of_the_catalogue(contract):
    for name, entry in contract.describe_fields().items():
        assert entry.reference or not name.endswith("_ref") or name == "about_ref", name
        assert not entry.reference or entry.reference in FAMILIES, name


@EACH
def test_every_code_list_exists_and_holds_the_example(contract):
    for entry in contract.describe_fields().values():
        if entry.codes:
            known = nomenclatures.get(entry.codes).codes
            examples = entry.example if isinstance(entry.example, list) else [entry.example]
            for example in examples:
                assert (example["code"] if isinstance(example, dict) else example) in known
                assert not isinstance(example, dict) or example["system"] == entry.codes


@EACH
def test_our_own_closed_words_are_a_list_with_labels(contract):
    for name, entry in contract.describe_fields().items():
        shape = field_types.list_shapes(contract)[name]
        assert (shape.kind is FieldKind.WORD) == (bool(entry.codes) and not entry.open_codes)
        if shape.kind is FieldKind.WORD:
            words = get_args(field_types.strip_optional(contract.model_fields[name].annotation))
            listed = nomenclatures.get(entry.codes)
            assert words == listed.codes
            assert all(listed.get_label(word, language) for word in words for language in ("fr", "en"))


@EACH
def test_a_required_field_serves_every_purpose_that_the_reference_serves_or_keeps_the_contract_out_of_it(contract):
    required = [contract.describe_fields()[name] for name, info in contract.model_fields.items() if info.is_required()]
    possible = [purpose for purpose in Purpose if all(entry.serves(purpose) for entry in required)]
    assert Purpose.PORTABILITY in possible
    assert len(possible) >= 2


@EACH
def test_a_contract_has_columns_and_names_whose_record_it_is(contract):
    assert list(field_types.list_columns(contract)) == list(contract.list_fields())
    assert set(contract.list_fields()) == set(contract.model_fields)
    about = contract.about
    assert not about.person or about.person in contract.model_fields
    assert all((about.fr_title, about.en_title, about.fr, about.en))


def test_traces_of_a_worker_are_never_for_support_planning_or_steering_except_the_length_of_talks_and_notes():
    for contract in CATALOGUE:
        for name, entry in contract.describe_fields().items():
            if entry.sensitivity is Sensitivity.SURVEILLANCE:
                assert entry.subject is DataSubject.WORKER
                assert Purpose.STEERING not in entry.purposes, (contract.about.family, name)


def test_names_of_persons_never_serve_steering():
    for contract in CATALOGUE:
        for name in ("birth_name", "usual_name", "first_names", "last_name", "first_name", "telecoms", "addresses"):
            entry = contract.describe_fields().get(name)
            if entry is not None and entry.subject is not DataSubject.ORGANISATION:
                assert Purpose.STEERING not in entry.purposes, (contract.about.family, name)


def test_private_narratives_stay_with_the_organisation_and_only_move_house_with_it():
    private = [
        entry
        for contract in CATALOGUE
        for name, entry in contract.describe_fields().items()
        if name.startswith("private_")
    ]
    assert len(private) == 3
    assert all(entry.purposes == (Purpose.PORTABILITY,) for entry in private)


def test_a_record_is_closed_frozen_and_strict():
    person = contracts.get("person/1")
    with pytest.raises(ValidationError):
        person.model_validate({"ref": "gaia:person:1", "nickname": "x"})
    with pytest.raises(ValidationError):
        person.model_validate({"ref": "gaia:person:1", "minor_children": "2"})
    record = person.model_validate({"ref": "gaia:person:1"})
    with pytest.raises(ValidationError):
        record.ref = "gaia:person:2"
