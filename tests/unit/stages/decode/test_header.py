"""Names of columns: each is there once, whatever the header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.decode.header import make_free_name, make_names
from passerelle.vocabulary.place import ROW


@given(st.lists(st.sampled_from(["a", "a#2", "a#3", "b", "", "#2"]), max_size=12))
def test_names_that_come_again_are_numbered_by_the_first_number_that_is_free(cells):
    taken = {ROW}
    for position, name in enumerate(make_names(cells), start=1):
        assert name == make_free_name(cells[position - 1] or f"#{position}", taken)
        taken.add(name)


def test_a_header_of_one_name_four_thousand_times_is_numbered_through():
    # counted from the beginning each time, this takes eight million looks
    names = make_names(["Motif"] * 4_000)
    assert (names[1], names[-1], len(set(names))) == ("Motif#2", "Motif#4000", 4_000)


@pytest.mark.parametrize("name", ["*", "^.*$", "^Motif$", "^$"])
def test_a_name_that_a_library_would_read_as_a_pattern_is_numbered(name):
    assert make_names(["Motif", name, name]) == ("Motif", f"{name}#1", f"{name}#2")
