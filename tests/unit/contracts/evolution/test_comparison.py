"""The four questions, the version number they demand, and how a field may leave."""

from __future__ import annotations

from datetime import date

import pytest

from passerelle.contracts.evolution.edition import Edition
from passerelle.contracts.evolution.edition_comparison import Bump, CompatibilityQuestion, ShiftKind, compare_editions
from passerelle.contracts.evolution.lifecycle import BreachKind, find_breaches
from passerelle.contracts.evolution.schema_verdict import ProofState

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
    comparison = compare_editions(edition(), edition())
    assert set(states(comparison).values()) == {"proved"}
    assert comparison.demanded is Bump.NONE
    assert comparison.is_honest


def test_a_new_optional_field_is_a_minor_change():
    comparison = compare_editions(edition(), edition("1.1.0", sexe={"type": "string"}))
    assert set(states(comparison).values()) == {"proved"}
    assert comparison.demanded is Bump.MINOR
    assert comparison.is_honest
    assert not compare_editions(edition(), edition("1.0.1", sexe={"type": "string"})).is_honest


def test_a_longer_text_within_the_declared_head_room_is_a_minor_change():
    assert compare_editions(edition(), edition("1.1.0", length=400)).demanded is Bump.MINOR


def test_a_longer_text_beyond_the_head_room_breaks_readers_who_stayed_behind():
    comparison = compare_editions(edition(), edition("1.1.0", length=600, reading_length=1200))
    assert states(comparison) == {"C1": "proved", "C2": "broken", "C3": "proved", "C4": "proved"}
    assert len(comparison.answers[CompatibilityQuestion.C2].witness["nom"]) > 510
    assert comparison.demanded is Bump.MAJOR


def test_a_field_that_becomes_required_ends_certificates():
    comparison = compare_editions(edition(), edition("2.0.0", required=("ref", "nom")))
    assert comparison.answers[CompatibilityQuestion.C3].state is ProofState.BROKEN
    assert "nom" not in comparison.answers[CompatibilityQuestion.C3].witness
    assert comparison.is_honest


@pytest.mark.parametrize(
    ("change", "meaning"),
    [
        ({"sensitivity": "ordinary"}, ShiftKind.LESS_PROTECTED),
        ({"sensitivity": "special"}, ShiftKind.MORE_PROTECTED),
        ({"purposes": ["support", "steering"]}, ShiftKind.PURPOSE_ADDED),
        ({"purposes": []}, ShiftKind.PURPOSE_REMOVED),
        ({"unit": "min"}, ShiftKind.UNIT),
        ({"reference": "organisation"}, ShiftKind.REFERENCE),
    ],
)
def test_a_change_of_meaning_that_no_schema_shows_is_a_break(change, meaning):
    comparison = compare_editions(edition(), edition("1.0.1", fields={"nom": {**FIELD, **change}}))
    assert comparison.answers[CompatibilityQuestion.C4].state is ProofState.BROKEN
    assert [shift.meaning for shift in comparison.shifts] == [meaning]
    assert not comparison.is_honest


def test_new_wording_is_undecided_until_the_author_declares_it_harmless():
    fields = {"nom": {**FIELD, "fr": "Nom porté à la naissance."}}
    assert (
        compare_editions(edition(), edition("1.0.1", fields=fields)).answers[CompatibilityQuestion.C4].state
        is ProofState.UNDECIDED
    )
    declared = compare_editions(edition(), edition("1.0.1", fields=fields, reworded=["nom"]))
    assert declared.answers[CompatibilityQuestion.C4].state is ProofState.PROVED


def test_a_number_that_goes_back_is_not_honest():
    assert not compare_editions(edition("1.2.0"), edition("1.1.0")).is_honest


def test_an_edition_is_held_to_every_earlier_one_of_its_line():
    first = edition("1.0.0", length=100, reading_length=200)
    second = edition("1.1.0", length=200, reading_length=400)
    third = edition("1.2.0", length=400, reading_length=400)
    assert compare_editions(second, third).demanded is Bump.MINOR
    comparison = compare_editions(second, third, line=[first, second])
    assert comparison.earlier == ("1.0.0",)
    assert comparison.demanded is Bump.MAJOR


def test_earlier_editions_that_stay_compatible_and_those_of_another_major_line_change_nothing():
    first, second, third = edition("1.0.0"), edition("1.1.0", length=300), edition("1.2.0", length=400)
    other_line = edition("0.9.0", length=9, reading_length=9)
    comparison = compare_editions(second, third, line=[other_line, first, second])
    assert comparison.earlier == ()
    assert comparison.demanded is Bump.MINOR


def test_a_change_of_words_that_no_schema_sees_demands_a_patch():
    titled = edition("1.0.1", nom={"type": "string", "maxLength": 255, "title": "Nom"})
    assert compare_editions(edition(nom={"type": "string", "maxLength": 255}), titled).demanded is Bump.PATCH


@pytest.mark.parametrize(
    ("old", "new", "declared"),
    [
        ("1.0.0", "1.0.0", Bump.NONE),
        ("1.0.0", "1.0.1", Bump.PATCH),
        ("1.0.9", "1.1.0", Bump.MINOR),
        ("1.9.9", "2.0.0", Bump.MAJOR),
        ("0.1.0", "0.2.0", Bump.MAJOR),
        ("0.1.0", "0.1.1", Bump.PATCH),
        ("0.9.0", "1.0.0", Bump.MAJOR),
    ],
)
def test_the_first_number_that_differs_is_what_is_declared(old, new, declared):
    assert compare_editions(edition(old), edition(new)).declared is declared


def test_the_same_number_twice_is_not_backwards():
    assert not compare_editions(edition("1.1.0"), edition("1.1.0")).is_backwards
    assert compare_editions(edition("1.1.0"), edition("1.0.9")).is_backwards


def test_a_new_field_of_special_category_is_a_break_and_an_ordinary_one_is_not():
    special = {**FIELD, "sensitivity": "special"}
    assert [s.meaning for s in compare_editions(edition(), edition(fields={"nom": FIELD, "new": special})).shifts] == [
        ShiftKind.SPECIAL_ADDED
    ]
    assert compare_editions(edition(), edition(fields={"nom": FIELD, "new": FIELD})).shifts == ()


@pytest.mark.parametrize(
    ("before", "after", "meanings"),
    [
        ({"codes": "a", "open_codes": True}, {"codes": "a", "open_codes": False}, [ShiftKind.CLOSED]),
        ({"codes": "a"}, {"codes": "a", "open_codes": False}, [ShiftKind.CLOSED]),
        ({"codes": "a", "open_codes": False}, {"codes": "a", "open_codes": True}, []),
        ({"codes": "a"}, {"codes": "b"}, [ShiftKind.CODES]),
        ({"open_codes": True}, {"open_codes": False}, []),
        ({"en": "x"}, {"en": "y"}, [ShiftKind.WORDING]),
        ({"sensitivity": "surveillance"}, {"sensitivity": "special"}, [ShiftKind.MORE_PROTECTED]),
        ({"sensitivity": "surveillance"}, {"sensitivity": "identifying"}, [ShiftKind.LESS_PROTECTED]),
    ],
)
def test_a_shift_is_named_in_its_direction(before, after, meanings):
    comparison = compare_editions(
        edition(fields={"nom": {**FIELD, **before}}), edition(fields={"nom": {**FIELD, **after}})
    )
    assert [shift.meaning for shift in comparison.shifts] == meanings


@pytest.mark.parametrize(
    ("deprecated", "offence"),
    [
        ({"replacement": "nom_naissance"}, BreachKind.NO_END),
        ({"until": "2028-01-01"}, BreachKind.NO_REPLACEMENT),
        ({"until": "2027-01-01", "replacement": "nom_naissance"}, BreachKind.SHORT_NOTICE),
    ],
)
def test_a_field_is_deprecated_with_a_replacement_and_a_year_of_notice(deprecated, offence):
    new = edition("1.1.0", fields={"nom": {**FIELD, "deprecated": deprecated}})
    assert [fault.kind for fault in find_breaches(edition(), new, published=date(2026, 11, 21))] == [offence]


def test_a_field_leaves_only_after_its_announced_end():
    announced = edition(fields={"nom": {**FIELD, "deprecated": {"until": "2027-12-01", "replacement": "x"}}})
    gone = edition("2.0.0", fields={})
    assert [f.kind for f in find_breaches(announced, gone, published=date(2027, 6, 1))] == [BreachKind.REMOVED_EARLY]
    assert find_breaches(announced, gone, published=date(2027, 12, 2)) == []
    assert [f.kind for f in find_breaches(edition(), gone, published=date(2027, 6, 1))] == [
        BreachKind.REMOVED_UNANNOUNCED
    ]


def announce(until, before=""):
    old = {"nom": {**FIELD, "deprecated": {"until": before, "replacement": "x"}}} if before else None
    new = {"nom": {**FIELD, "deprecated": {"until": until, "replacement": "x"}}}
    return find_breaches(edition(fields=old), edition("1.1.0", fields=new), published=date(2026, 11, 21))


def test_notice_is_exactly_a_year_or_more():
    assert announce("2027-11-21") == []
    assert [fault.kind for fault in announce("2027-11-20")] == [BreachKind.SHORT_NOTICE]


def test_an_end_may_be_put_off_and_never_brought_forward_and_its_notice_counts_once():
    assert announce("2026-12-01", before="2026-12-01") == []
    assert announce("2026-12-02", before="2026-12-01") == []
    assert [fault.kind for fault in announce("2026-11-30", before="2026-12-01")] == [BreachKind.BROUGHT_FORWARD]


def test_a_field_may_leave_on_the_day_of_its_end_and_not_the_day_before():
    announced = edition(fields={"nom": {**FIELD, "deprecated": {"until": "2027-12-01", "replacement": "x"}}})
    gone = edition("2.0.0", fields={})
    assert find_breaches(announced, gone, published=date(2027, 12, 1)) == []
    assert [f.kind for f in find_breaches(announced, gone, published=date(2027, 11, 30))] == [BreachKind.REMOVED_EARLY]
