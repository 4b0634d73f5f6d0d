"""The four questions, the version number they demand, and how a field may leave."""

from __future__ import annotations

from datetime import date

import pytest

from passerelle.contracts.evolution.comparison import Bump, Meaning, Question, compare
from passerelle.contracts.evolution.edition import Edition
from passerelle.contracts.evolution.lifecycle import Offence, faults_of
from passerelle.contracts.evolution.verdicts import State

FIELD = {"fr": "Nom de naissance.", "en": "Birth name.", "sensitivity": "identifying", "purposes": ["support"]}


def edition(version="1.0.0", *, required=("ref",), reading_length=510, length=255, fields=None, reworded=(), **more):
    properties = {"ref": {"type": "string"}, "nom": {"type": "string", "maxLength": length}, **more}
    wide = {**properties, "nom": {"type": "string", "maxLength": reading_length}}
    head = {"type": "object", "required": list(required)}
    return Edition(
        "person",
        version,
        {**head, "properties": properties, "additionalProperties": False},
        {**head, "properties": wide, "additionalProperties": True},
        {"nom": FIELD} if fields is None else fields,
        frozenset(reworded),
    )


def states(comparison):
    return {question.value: verdict.state.value for question, verdict in comparison.answers.items()}


def test_the_same_edition_demands_nothing():
    comparison = compare(edition(), edition())
    assert set(states(comparison).values()) == {"proved"}
    assert comparison.demanded is Bump.NONE
    assert comparison.is_honest


def test_a_new_optional_field_is_a_minor_change():
    comparison = compare(edition(), edition("1.1.0", sexe={"type": "string"}))
    assert set(states(comparison).values()) == {"proved"}
    assert comparison.demanded is Bump.MINOR
    assert comparison.is_honest
    assert not compare(edition(), edition("1.0.1", sexe={"type": "string"})).is_honest


def test_a_longer_text_within_the_declared_head_room_is_a_minor_change():
    assert compare(edition(), edition("1.1.0", length=400)).demanded is Bump.MINOR


def test_a_longer_text_beyond_the_head_room_breaks_readers_who_stayed_behind():
    comparison = compare(edition(), edition("1.1.0", length=600, reading_length=1200))
    assert states(comparison) == {"C1": "proved", "C2": "broken", "C3": "proved", "C4": "proved"}
    assert len(comparison.answers[Question.C2].witness["nom"]) > 510
    assert comparison.demanded is Bump.MAJOR


def test_a_field_that_becomes_required_ends_certificates():
    comparison = compare(edition(), edition("2.0.0", required=("ref", "nom")))
    assert comparison.answers[Question.C3].state is State.BROKEN
    assert "nom" not in comparison.answers[Question.C3].witness
    assert comparison.is_honest


@pytest.mark.parametrize(
    ("change", "meaning"),
    [
        ({"sensitivity": "ordinary"}, Meaning.LESS_PROTECTED),
        ({"sensitivity": "special"}, Meaning.MORE_PROTECTED),
        ({"purposes": ["support", "steering"]}, Meaning.PURPOSE_ADDED),
        ({"purposes": []}, Meaning.PURPOSE_REMOVED),
        ({"unit": "min"}, Meaning.UNIT),
        ({"reference": "organisation"}, Meaning.REFERENCE),
    ],
)
def test_a_change_of_meaning_that_no_schema_shows_is_a_break(change, meaning):
    comparison = compare(edition(), edition("1.0.1", fields={"nom": {**FIELD, **change}}))
    assert comparison.answers[Question.C4].state is State.BROKEN
    assert [shift.meaning for shift in comparison.shifts] == [meaning]
    assert not comparison.is_honest


def test_new_wording_is_undecided_until_the_author_declares_it_harmless():
    fields = {"nom": {**FIELD, "fr": "Nom porté à la naissance."}}
    assert compare(edition(), edition("1.0.1", fields=fields)).answers[Question.C4].state is State.UNDECIDED
    declared = compare(edition(), edition("1.0.1", fields=fields, reworded=["nom"]))
    assert declared.answers[Question.C4].state is State.PROVED


def test_a_number_that_goes_back_is_not_honest():
    assert not compare(edition("1.2.0"), edition("1.1.0")).is_honest


def test_an_edition_is_held_to_every_earlier_one_of_its_line():
    first = edition("1.0.0", length=100, reading_length=200)
    second = edition("1.1.0", length=200, reading_length=400)
    third = edition("1.2.0", length=400, reading_length=400)
    assert compare(second, third).demanded is Bump.MINOR
    comparison = compare(second, third, line=[first, second])
    assert comparison.earlier == ("1.0.0",)
    assert comparison.demanded is Bump.MAJOR


@pytest.mark.parametrize(
    ("deprecated", "offence"),
    [
        ({"replacement": "nom_naissance"}, Offence.NO_END),
        ({"until": "2028-01-01"}, Offence.NO_REPLACEMENT),
        ({"until": "2027-01-01", "replacement": "nom_naissance"}, Offence.SHORT_NOTICE),
    ],
)
def test_a_field_is_deprecated_with_a_replacement_and_a_year_of_notice(deprecated, offence):
    new = edition("1.1.0", fields={"nom": {**FIELD, "deprecated": deprecated}})
    assert [fault.offence for fault in faults_of(edition(), new, published=date(2026, 11, 21))] == [offence]


def test_a_field_leaves_only_after_its_announced_end():
    announced = edition(fields={"nom": {**FIELD, "deprecated": {"until": "2027-12-01", "replacement": "x"}}})
    gone = edition("2.0.0", fields={})
    assert [f.offence for f in faults_of(announced, gone, published=date(2027, 6, 1))] == [Offence.REMOVED_EARLY]
    assert faults_of(announced, gone, published=date(2027, 12, 2)) == []
    assert [f.offence for f in faults_of(edition(), gone, published=date(2027, 6, 1))] == [Offence.REMOVED_UNANNOUNCED]
