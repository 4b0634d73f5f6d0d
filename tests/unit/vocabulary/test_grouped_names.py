"""Names of columns in two rows: a group stands once, over its first column."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from passerelle.vocabulary.grouped_names import join_names, split_names

WORD = st.sampled_from(["Nom", "Date", "Usager", "Passage"])
NAMES = st.lists(st.one_of(WORD, st.builds("{} / {}".format, WORD, WORD)), min_size=1, max_size=8)


def test_a_group_goes_as_far_as_the_next_and_a_name_above_nothing_is_a_columns_own():
    rows = [["N°", "Usager", "", "Passage", "", "Total"], ["", "Nom", "Prénom", "Jour", "Début", ""]]
    names = ["N°", "Usager / Nom", "Usager / Prénom", "Passage / Jour", "Passage / Début", "Total"]
    assert join_names(rows) == names
    assert split_names(names, 2) == rows


def test_rows_of_different_lengths_and_columns_without_any_name():
    assert join_names([["Usager"], ["Nom", "Prénom", ""]]) == ["Usager / Nom", "Usager / Prénom", ""]
    assert join_names([["A", "", "B"], ["x"]]) == ["A / x", "", "B"]
    assert join_names([["Nom", "Prénom"]]) == ["Nom", "Prénom"]


@given(NAMES)
def test_names_that_were_split_into_rows_are_joined_to_the_same_names(names):
    assert join_names(split_names(names, 2)) == names
