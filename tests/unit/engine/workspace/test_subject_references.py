"""References as people type them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.workspace.subject_references import read_references
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.ref_spelling import LOOSEST, SpellingRule, normalise_ref

locals_ = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


def test_lines_are_read_once_each_in_order_without_empty_ones():
    lines = ["\ufeffx:person:2", "", "  x:professional:1  ", "x:person:2"]
    assert [(item.ref, item.line) for item in read_references(lines)] == [("x:person:2", 1), ("x:professional:1", 3)]


def test_every_line_that_is_no_reference_is_named_and_nothing_is_read():
    lines = ["x:person:1", "Dupont Jean", "66f0b1d2", "x:visit:1", "X:person:1", "x:person:", "x:person:2"]
    with pytest.raises(UsageError) as caught:
        read_references(lines)
    assert caught.value.code == "usage.references.invalid"
    assert caught.value.details["count"] == "5"
    faults = caught.value.details["faults"]
    for number in (2, 3, 4, 5, 6):
        assert re.search(rf"\b{number}\b", faults)
    assert "Dupont" not in f"{caught.value} {caught.value.details}"
    assert "66f0" not in f"{caught.value} {caught.value.details}"


def test_no_reference_at_all_is_refused():
    with pytest.raises(UsageError) as caught:
        read_references(["", "  "])
    assert caught.value.code == "usage.references.none"


def test_the_same_letters_are_one_reference_however_they_are_composed_or_encoded():
    composed, decomposed = (unicodedata.normalize(form, "x:person:Hélène") for form in ("NFC", "NFD"))
    refs = [item.ref for item in read_references([composed, decomposed, "x:person:H%c3%a9l%C3%A8ne"])]
    assert refs == ["x:person:H%C3%A9l%C3%A8ne"]


@given(locals_)
def test_a_canonical_reference_stays_as_it_is(local):
    once = normalise_ref(f"x:person:{local}")
    assert normalise_ref(once) == once
    loosely = normalise_ref(once, LOOSEST)
    assert normalise_ref(loosely, LOOSEST) == loosely


@given(locals_, st.sampled_from([str.upper, str.lower, str.title]))
def test_capitals_make_no_difference_where_the_supplier_ignores_them(local, respell):
    # letters whose capital is another word («ß», «ŉ») are no spelling of the same id
    if respell(local).casefold() == local.casefold():
        rule = SpellingRule(ignores_case=True)
        assert normalise_ref(f"x:person:{local}", rule) == normalise_ref(f"x:person:{respell(local)}", rule)


@given(st.from_regex(r"[1-9A-Z][0-9A-Z]{0,8}", fullmatch=True), st.integers(0, 6), st.integers(0, 6))
def test_zeros_in_front_make_no_difference_where_the_supplier_ignores_them(local, some, more):
    rule = SpellingRule(ignores_zeros=True)
    spellings = {normalise_ref(f"x:person:{'0' * count}{local}~07", rule) for count in (some, more)}
    assert spellings == {f"x:person:{local}~7"}


def test_of_many_lines_that_are_none_the_first_twenty_are_named_and_all_are_counted():
    with pytest.raises(UsageError) as caught:
        read_references(["Dupont Jean"] * 25)
    named = {int(number) for number in re.findall(r"\b\d+\b", caught.value.details["faults"])}
    assert named == set(range(1, 21))
    assert caught.value.details["count"] == "25"
