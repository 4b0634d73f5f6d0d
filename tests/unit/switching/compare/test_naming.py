"""What kind of difference two texts of a field make."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.switching.difference_kinds import KIND_LABELS, DifferenceKind
from passerelle.switching.difference_naming import Tolerance, name_difference, name_differences


@pytest.mark.parametrize(
    ("field", "before", "after", "kind"),
    [
        ("comment", "Repas préparé, moral bon.", "Repas préparé", DifferenceKind.TRUNCATED),
        ("comment", "Repas préparé, moral bon.", "Repas prép…", DifferenceKind.TRUNCATED),
        ("comment", "Repas préparé", "Repas préparé, moral bon.", DifferenceKind.TEXT),
        ("comment", "a", None, DifferenceKind.LOST),
        ("comment", None, "a", DifferenceKind.ADDED),
        ("billed", "false", None, DifferenceKind.NEGATIVE),
        ("billed", None, "false", DifferenceKind.NEGATIVE),
        ("billed", "true", None, DifferenceKind.LOST),
        ("billed", "true", "false", DifferenceKind.CODE),
        ("confirmed_none", "tasks", None, DifferenceKind.NEGATIVE),
        ("status", "done", "missed", DifferenceKind.CODE),
        ("service", "Courses", "Repas", DifferenceKind.CODE),
        ("billed_quantity", "1.75", "2", DifferenceKind.ROUNDED),
        ("billed_quantity", "1.337", "1.34", DifferenceKind.ROUNDED),
        ("billed_quantity", "1.75", "1.25", DifferenceKind.NUMBER),
        ("planned_start", "2024-01-31T08:00:00+01:00", "2024-02-29T08:00:00+01:00", DifferenceKind.SHIFTED_MONTH),
        ("planned_start", "2024-03-15T08:00:00+01:00", "2024-04-15T08:00:00+02:00", DifferenceKind.SHIFTED_MONTH),
        ("planned_start", "2024-07-15T08:05:00+02:00", "2024-07-15T10:05:00+02:00", DifferenceKind.TIME_ZONE),
        ("planned_start", "2024-07-15T08:05:00+02:00", "2024-07-15T08:05:00+00:00", DifferenceKind.TIME_ZONE),
        ("planned_start", "2024-07-15T08:05:00+02:00", "2024-07-15T06:05:00+00:00", DifferenceKind.TIME_ZONE),
        ("planned_start", "2024-01-15T08:00:00+01:00", "2024-01-15T12:00:00+01:00", DifferenceKind.DATE),
        ("stamped_start", "2024-01-15T08:02:14+01:00", "2024-01-15T08:02:00+01:00", DifferenceKind.ROUNDED),
        ("stamped_start", "2024-01-15T08:52:14+01:00", "2024-01-15T09:00:00+01:00", DifferenceKind.ROUNDED),
        ("identifiers", '[{"system":"nir"},{"system":"caf"}]', '[{"system":"caf"}]', DifferenceKind.LOST),
        ("identifiers", '[{"system":"nir"}]', '[{"system":"caf"}]', DifferenceKind.LIST),
        ("extra", '{"a":{"x":"1","y":"2"}}', '{"a":{"x":"1"}}', DifferenceKind.LOST),
        ("extra", '{"a":{"x":"1"}}', '{"a":{"x":"2"}}', DifferenceKind.TEXT),
        ("person_ref", "a:person:1", "a:person:2", DifferenceKind.REFERENCE),
    ],
)
def test_a_difference_of_a_visit_has_its_kind(field, before, after, kind):
    assert name_difference("visit/1", field, before, after) is kind


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("1950-02-03", "1950-02", DifferenceKind.ROUNDED),
        ("1950-02-03", "1950-03-03", DifferenceKind.SHIFTED_MONTH),
        ("1950-02-03", "1950-02-04", DifferenceKind.DATE),
    ],
)
def test_a_difference_of_a_day_has_its_kind(before, after, kind):
    assert name_difference("person/1", "birth_date", before, after) is kind


def test_every_kind_has_its_words():
    assert set(KIND_LABELS) == set(DifferenceKind)


def test_many_are_named_as_each_is():
    pairs = [("1.75", "2"), ("1.75", None), ("1.75", "2")]
    assert name_differences("visit/1", "billed_quantity", *map(list, zip(*pairs, strict=True))) == [
        name_difference("visit/1", "billed_quantity", *pair) for pair in pairs
    ]


@settings(max_examples=count_examples(60), deadline=None)
@given(st.datetimes(), st.datetimes(), st.sampled_from([0, 1, 2]), st.sampled_from([0, 1, 2]))
def test_any_two_moments_have_a_kind(first, second, here, there):
    texts = [
        f"{moment:%Y-%m-%dT%H:%M:%S}+0{offset}:00".zfill(25) for moment, offset in ((first, here), (second, there))
    ]
    assert name_difference("visit/1", "planned_start", *texts) in {
        DifferenceKind.DATE,
        DifferenceKind.SHIFTED_MONTH,
        DifferenceKind.TIME_ZONE,
        DifferenceKind.ROUNDED,
    }


@settings(max_examples=count_examples(60), deadline=None)
@given(st.decimals(0, 10_000, places=3), st.sampled_from(["0.01", "0.1", "0.25", "1"]))
def test_a_number_rounded_to_a_step_is_named_rounded(number, step):
    rounded = (number / Decimal(step)).quantize(Decimal(1)) * Decimal(step)
    if rounded != number:
        assert name_difference("visit/1", "billed_quantity", str(number), str(rounded)) is DifferenceKind.ROUNDED


@settings(max_examples=count_examples(60), deadline=None)
@given(st.text(min_size=2), st.data())
def test_a_text_that_is_cut_is_named_so_or_is_another(text, data):
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    assert name_difference("visit/1", "comment", text, cut) is DifferenceKind.TRUNCATED


def test_without_a_tolerance_nothing_is_covered():
    assert not Tolerance().is_within("a", "a ")
    assert Tolerance(trimmed=True).is_within("a  b", " a b ")
    assert not Tolerance(rounding=Decimal("0.1")).is_within("1.5", "1.75")
