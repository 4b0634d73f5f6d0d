"""What kind of difference two texts of a field make."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.switching.kinds import WORDS, Kind
from passerelle.switching.naming import Tolerance, name_difference, name_differences


@pytest.mark.parametrize(
    ("field", "before", "after", "kind"),
    [
        ("comment", "Repas préparé, moral bon.", "Repas préparé", Kind.TRUNCATED),
        ("comment", "Repas préparé, moral bon.", "Repas prép…", Kind.TRUNCATED),
        ("comment", "Repas préparé", "Repas préparé, moral bon.", Kind.TEXT),
        ("comment", "a", None, Kind.LOST),
        ("comment", None, "a", Kind.ADDED),
        ("billed", "false", None, Kind.NEGATIVE),
        ("billed", None, "false", Kind.NEGATIVE),
        ("billed", "true", None, Kind.LOST),
        ("billed", "true", "false", Kind.CODE),
        ("confirmed_none", "tasks", None, Kind.NEGATIVE),
        ("status", "done", "missed", Kind.CODE),
        ("service", "Courses", "Repas", Kind.CODE),
        ("billed_quantity", "1.75", "2", Kind.ROUNDED),
        ("billed_quantity", "1.337", "1.34", Kind.ROUNDED),
        ("billed_quantity", "1.75", "1.25", Kind.NUMBER),
        ("planned_start", "2024-01-31T08:00:00+01:00", "2024-02-29T08:00:00+01:00", Kind.SHIFTED_MONTH),
        ("planned_start", "2024-03-15T08:00:00+01:00", "2024-04-15T08:00:00+02:00", Kind.SHIFTED_MONTH),
        ("planned_start", "2024-07-15T08:05:00+02:00", "2024-07-15T10:05:00+02:00", Kind.TIME_ZONE),
        ("planned_start", "2024-07-15T08:05:00+02:00", "2024-07-15T08:05:00+00:00", Kind.TIME_ZONE),
        ("planned_start", "2024-07-15T08:05:00+02:00", "2024-07-15T06:05:00+00:00", Kind.TIME_ZONE),
        ("planned_start", "2024-01-15T08:00:00+01:00", "2024-01-15T12:00:00+01:00", Kind.DATE),
        ("stamped_start", "2024-01-15T08:02:14+01:00", "2024-01-15T08:02:00+01:00", Kind.ROUNDED),
        ("stamped_start", "2024-01-15T08:52:14+01:00", "2024-01-15T09:00:00+01:00", Kind.ROUNDED),
        ("identifiers", '[{"system":"nir"},{"system":"caf"}]', '[{"system":"caf"}]', Kind.LOST),
        ("identifiers", '[{"system":"nir"}]', '[{"system":"caf"}]', Kind.LIST),
        ("extra", '{"a":{"x":"1","y":"2"}}', '{"a":{"x":"1"}}', Kind.LOST),
        ("extra", '{"a":{"x":"1"}}', '{"a":{"x":"2"}}', Kind.TEXT),
        ("person_ref", "a:person:1", "a:person:2", Kind.REFERENCE),
    ],
)
def test_a_difference_of_a_visit_has_its_kind(field, before, after, kind):
    assert name_difference("visit/1", field, before, after) is kind


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("1950-02-03", "1950-02", Kind.ROUNDED),
        ("1950-02-03", "1950-03-03", Kind.SHIFTED_MONTH),
        ("1950-02-03", "1950-02-04", Kind.DATE),
    ],
)
def test_a_difference_of_a_day_has_its_kind(before, after, kind):
    assert name_difference("person/1", "birth_date", before, after) is kind


def test_every_kind_has_its_words():
    assert set(WORDS) == set(Kind)


def test_many_are_named_as_each_is():
    pairs = [("1.75", "2"), ("1.75", None), ("1.75", "2")]
    assert name_differences("visit/1", "billed_quantity", *map(list, zip(*pairs, strict=True))) == [
        name_difference("visit/1", "billed_quantity", *pair) for pair in pairs
    ]


@settings(max_examples=60, deadline=None)
@given(st.datetimes(), st.datetimes(), st.sampled_from([0, 1, 2]), st.sampled_from([0, 1, 2]))
def test_any_two_moments_have_a_kind(first, second, here, there):
    texts = [
        f"{moment:%Y-%m-%dT%H:%M:%S}+0{offset}:00".zfill(25) for moment, offset in ((first, here), (second, there))
    ]
    assert name_difference("visit/1", "planned_start", *texts) in {
        Kind.DATE,
        Kind.SHIFTED_MONTH,
        Kind.TIME_ZONE,
        Kind.ROUNDED,
    }


@settings(max_examples=60, deadline=None)
@given(st.decimals(0, 10_000, places=3), st.sampled_from(["0.01", "0.1", "0.25", "1"]))
def test_a_number_rounded_to_a_step_is_named_rounded(number, step):
    rounded = (number / Decimal(step)).quantize(Decimal(1)) * Decimal(step)
    if rounded != number:
        assert name_difference("visit/1", "billed_quantity", str(number), str(rounded)) is Kind.ROUNDED


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=2), st.data())
def test_a_text_that_is_cut_is_named_so_or_is_another(text, data):
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    assert name_difference("visit/1", "comment", text, cut) is Kind.TRUNCATED


def test_without_a_tolerance_nothing_is_covered():
    assert not Tolerance().is_within("a", "a ")
    assert Tolerance(trimmed=True).is_within("a  b", " a b ")
    assert not Tolerance(rounding=Decimal("0.1")).is_within("1.5", "1.75")
