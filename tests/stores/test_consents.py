"""Consents: the latest answer counts, and the table names nobody."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import insert, text

from passerelle.stores import schema
from passerelle.stores.consents import ALL_PURPOSES_ANSWER, Consents
from passerelle.stores.database import open_reader

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
ANNE, BEN = "src:person:anne", "src:person:ben"


@pytest.fixture
def consents(engine, seal) -> Consents:
    return Consents(engine, seal)


def test_an_answer_counts_for_its_purpose_only(consents):
    consents.record(ANNE, "billing", False, NOW)
    assert consents.find_answers("billing", [ANNE, BEN]) == {ANNE: False}
    assert consents.find_answers("support", [ANNE, BEN]) == {}


def test_an_answer_for_everything_counts_for_every_purpose(consents):
    consents.record(ANNE, "*", False, NOW)
    assert consents.find_answers("billing", [ANNE]) == consents.find_answers("support", [ANNE]) == {ANNE: False}


def test_the_latest_answer_counts(consents):
    consents.record(ANNE, "*", False, NOW)
    consents.record(ANNE, "billing", True, NOW)
    assert consents.find_answers("billing", [ANNE]) == {ANNE: True}
    assert consents.find_answers("support", [ANNE]) == {ANNE: False}
    consents.record(ANNE, "*", False, NOW)
    assert consents.find_answers("billing", [ANNE]) == {ANNE: False}
    consents.record(ANNE, "*", True, NOW)
    assert consents.find_answers("billing", [ANNE]) == {ANNE: True}


def test_answers_are_counted_without_saying_who(consents):
    consents.record(ANNE, "billing", False, NOW)
    consents.record(BEN, "billing", False, NOW)
    consents.record(BEN, "*", True, NOW)
    assert consents.count_answers() == {("*", True): 1, ("billing", False): 1}


def test_a_forgotten_person_never_answered(consents):
    consents.record(ANNE, "billing", False, NOW)
    consents.record(ANNE, "support", True, NOW)
    assert consents.forget(ANNE) == 2
    assert consents.forget(ANNE) == 0
    assert consents.find_answers("billing", [ANNE]) == {}


def test_many_persons_are_asked_at_once(consents, engine):
    for number in range(20):
        consents.record(f"src:person:{number}", "*", number % 2 == 0, NOW)
    answers = consents.find_answers("billing", [f"src:person:{number}" for number in range(12_000)])
    assert answers == {f"src:person:{number}": number % 2 == 0 for number in range(20)}
    with open_reader(engine) as connection:
        keys = connection.execute(text("SELECT person FROM consent")).scalars().all()
    assert all(b"person" not in bytes(key) for key in keys)


@pytest.mark.parametrize("forms", [("NFD", "NFC"), ("NFC", "NFD"), ("NFD", "NFD")])
@pytest.mark.parametrize("encode", [quote, str])
def test_an_answer_binds_however_the_letters_of_the_reference_are_composed(consents, forms, encode):
    recorded, asked = (f"x:person:{encode(unicodedata.normalize(form, 'Hélène~Zoé'))}" for form in forms)
    consents.record(recorded, "steering", False, NOW)
    assert consents.find_answers("steering", [asked]) == {asked: False}
    consents.record(asked, "steering", True, NOW + timedelta(days=1))
    assert consents.find_answers("steering", [recorded]) == {recorded: True}
    assert consents.forget(recorded) == 1


def test_a_refusal_recorded_decomposed_by_an_earlier_version_binds_until_a_later_answer(consents, engine, seal):
    ref, was = (f"x:person:{quote(unicodedata.normalize(form, 'Hélène'))}" for form in ("NFC", "NFD"))
    old = {"person": seal.pseudonymise("consent", was), "accepted": 0, "recorded_at": NOW}
    with engine.begin() as connection:
        connection.execute(insert(schema.consent).values(purpose=ALL_PURPOSES_ANSWER, **old))
    assert consents.find_answers("steering", [ref]) == {ref: False}
    consents.record(ref, "steering", True, NOW + timedelta(days=1))
    assert consents.find_answers("steering", [ref]) == {ref: True}
    assert consents.find_answers("portability", [ref]) == {ref: False}
