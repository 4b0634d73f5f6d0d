"""Where each distinct text of a parcel was first met, across batches and members; what is told of wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parcel_piles import pile, shorten

from passerelle.engine.watches.parcel_warnings import FirstPlaces


def digest(texts):
    return [text.encode() for text in texts]


def note(places, *values, first_line=2, member="", column="a"):
    records, table = pile("visit/1", *({column: value} for value in values), first_line=first_line, member=member)
    places.add(records.frame, column, table, digest)
    return places


def test_a_text_is_kept_with_the_first_line_of_all_batches():
    places = note(FirstPlaces(), "x", "y", "x")
    note(places, "y", "z", first_line=5)
    assert places.lines == {b"x": ("", 2), b"y": ("", 3), b"z": ("", 6)}


def test_items_of_lists_are_texts_of_their_row_and_nulls_are_none():
    places = note(FirstPlaces(), ["x", "y"], None, [], [None, "z"])
    assert places.lines == {b"x": ("", 2), b"y": ("", 2), b"z": ("", 5)}


def test_each_member_is_told_apart_with_its_lines_in_order():
    places = note(FirstPlaces(), "x", "y", member="a.csv")
    note(places, "w", "z", "y", first_line=2, member="b.csv")
    told = places.list_warnings("validate.reference.unresolved", "visit/1", "person_ref", {b"y", b"w", b"z"})
    assert [(member, lines) for _code, _contract, _field, member, lines in shorten(told)] == [
        ("a.csv", (3,)),
        ("b.csv", (2, 3)),
    ]
    assert [warning.count for warning in told] == [1, 2]


@given(st.lists(st.sampled_from(["x", "y", "z", None]), min_size=1, max_size=8), st.integers(1, 8))
def test_however_a_parcel_is_cut_the_first_places_are_the_same(values, size):
    cut = FirstPlaces()
    for start in range(0, len(values), size):
        note(cut, *values[start : start + size], first_line=2 + start)
    assert cut.lines == note(FirstPlaces(), *values).lines


@pytest.mark.parametrize("wrong", [set(), {b"autre"}])
def test_nothing_wrong_is_nothing_to_tell(wrong):
    assert note(FirstPlaces(), "x").list_warnings("c", "visit/1", "a", wrong) == []
