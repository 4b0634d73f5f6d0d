"""The rules of release: total, closed for what is unknown, and what each of them says."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle import contracts
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import FIGURES, DataSubject, Purpose, RecipientKind, Sensitivity, declare_field
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.release import (
    NEVER,
    OPEN,
    PSEUDONYM,
    RECIPIENTS,
    Condition,
    Release,
    Way,
    find_condition,
    find_release,
)
from passerelle.contracts.types import FieldKind, Text

ALL = list(contracts.catalogue().values())
FIELDS = [(contract, name) for contract in ALL for name in contract.model_fields]
CELLS = [(contract, name, purpose, kind) for (contract, name), purpose, kind in product(FIELDS, Purpose, RecipientKind)]
VISIT, PERSON = contracts.get("visit/1"), contracts.get("person/1")


def test_every_field_purpose_and_recipient_has_a_release():
    assert all(isinstance(find_release(*cell), Release) for cell in CELLS)


@given(st.text(), st.sampled_from([None, *Purpose]), st.text(), st.sampled_from([None, *RecipientKind]), st.text())
def test_what_is_no_field_no_purpose_or_no_recipient_never_goes(name, purpose, wild_purpose, kind, wild_kind):
    known = list(Purpose), list(RecipientKind)
    if name not in VISIT.model_fields:
        assert find_release(VISIT, name, purpose or "support", kind or "self") == NEVER
    if wild_purpose not in known[0]:
        assert find_release(VISIT, "status", wild_purpose, kind or "self") == NEVER
    if wild_kind not in known[1]:
        assert find_release(VISIT, "status", purpose or "support", wild_kind) == NEVER


class Novelty(Contract):
    about: ClassVar[ContractMeta] = ContractMeta(
        family="novelty", version="1.0.0", fr_title="x", en_title="x", fr="x", en="x"
    )

    unserved: Text | None = declare_field(
        subject=DataSubject.PERSON,
        sensitivity=Sensitivity.ORDINARY,
        purposes=(),
        **dict.fromkeys(("fr_title", "en_title", "fr", "en", "example"), "x"),
    )


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose != "portability"])
def test_a_new_field_that_names_no_purpose_goes_to_nobody(purpose):
    assert {find_release(Novelty, "unserved", purpose, kind) for kind in RecipientKind} == {NEVER}


def test_the_organisation_takes_everything_along_and_nobody_else_does():
    for contract, name in FIELDS:
        releases = {kind: find_release(contract, name, "portability", kind) for kind in RecipientKind}
        kept = name == "identifiers" and contract.describe_fields()[name].withheld_from
        assert releases["self"] == OPEN
        assert {kind for kind, one in releases.items() if one != NEVER} == RECIPIENTS[Purpose.PORTABILITY], kept


def test_outside_portability_no_reference_goes_in_clear():
    for contract, name, purpose, kind in CELLS:
        if purpose != Purpose.PORTABILITY and list_shapes(contract)[name].kind is FieldKind.URN:
            assert find_release(contract, name, purpose, kind).way in (Way.PSEUDONYM, Way.NEVER)


def test_traces_of_work_go_to_pay_invoices_and_the_proof_of_help_and_to_a_payer_for_the_last_alone():
    for contract, name, purpose, kind in CELLS:
        if contract.describe_fields()[name].sensitivity is not Sensitivity.SURVEILLANCE:
            continue
        if purpose not in ("pay", "billing", "effectivity", "portability"):
            assert find_release(contract, name, purpose, kind) == NEVER
        if kind == RecipientKind.PAYER and purpose != "effectivity":
            assert find_release(contract, name, purpose, kind) == NEVER
        if purpose != "portability" and find_release(contract, name, purpose, kind) != NEVER:
            assert find_condition(contract, name, purpose, kind) is Condition.CONSULTATION
    assert find_release(VISIT, "travel_km", "pay", "processor") == OPEN
    assert find_release(VISIT, "travel_km", "billing", "payer") == NEVER
    assert find_release(VISIT, "stamped_start", "effectivity", "payer") == OPEN


def test_what_is_under_secrecy_is_taken_along_and_never_sent():
    secret = [
        (contract, name)
        for contract, name in FIELDS
        if contract.describe_fields()[name].sensitivity is Sensitivity.SECRET
    ]
    assert {name for _contract, name in secret} == {"private_summary", "private_synthesis"}
    for (contract, name), purpose, kind in product(secret, Purpose, RecipientKind):
        if purpose != "portability":
            assert find_release(contract, name, purpose, kind) == NEVER


@pytest.mark.parametrize("purpose", sorted(FIGURES))
@pytest.mark.parametrize("kind", RecipientKind)
def test_figures_have_no_name_no_text_no_link_and_no_value_outside_a_group(purpose, kind):
    for contract, name in FIELDS:
        release = find_release(contract, name, purpose, kind)
        meta, shape = contract.describe_fields()[name], list_shapes(contract)[name].kind
        if release == NEVER or contract.about.family == "organisation":
            continue
        if meta.key:
            assert release == PSEUDONYM
            continue
        assert release.least >= (11 if meta.sensitivity is Sensitivity.SPECIAL or purpose == "statistics" else 5)
        assert shape not in (FieldKind.TEXT, FieldKind.MAP)
        assert meta.sensitivity is not Sensitivity.SURVEILLANCE
        if shape is FieldKind.URN:
            assert meta.reference == "organisation"
        if shape in (FieldKind.DAY, FieldKind.INSTANT, FieldKind.PARTIAL_DAY):
            assert release.step


def test_the_public_never_has_more_than_those_who_direct():
    for contract, name in FIELDS:
        if find_release(contract, name, "steering", "partner") == NEVER:
            assert find_release(contract, name, "statistics", "partner") == NEVER


def test_pay_is_of_professionals_and_needs_nobody_s_record():
    paid = {
        contract.about.family
        for contract, name in FIELDS
        if name in contract.__annotations__ and find_release(contract, name, "pay", "processor") != NEVER
    }
    assert paid == {"organisation", "professional", "planned_visit", "visit", "absence"}
    assert find_release(PERSON, "birth_name", "pay", "processor") == NEVER


def test_a_partner_has_no_national_number_of_a_person():
    assert find_release(PERSON, "identifiers", "support", "partner") == NEVER
    assert find_release(PERSON, "identifiers", "support", "processor") == OPEN


WAYS = [
    OPEN,
    PSEUDONYM,
    Release(Way.PSEUDONYM, least=5),
    Release(Way.COARSE, "day", 5),
    Release(Way.COARSE, "week", 5),
    Release(Way.COARSE, "week", 11),
    Release(Way.AGGREGATE, least=5),
    Release(Way.AGGREGATE, least=11),
    NEVER,
]


@given(st.sampled_from(WAYS), st.sampled_from(WAYS), st.sampled_from(WAYS))
def test_being_within_is_an_order_with_open_above_and_never_below(one, other, third):
    assert one.is_within(OPEN)
    assert NEVER.is_within(one)
    assert one.is_within(one)
    assert one == other or not (one.is_within(other) and other.is_within(one))
    if one.is_within(other) and other.is_within(third):
        assert one.is_within(third)


def test_a_release_is_written_as_people_review_it():
    assert [str(way) for way in WAYS[2:5]] == ["pseudonym(5)", "coarse(day, 5)", "coarse(week, 5)"]
    assert str(NEVER) == "never"
