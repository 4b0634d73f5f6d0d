"""Columns to slots, one to one."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.extension.inferring.column_matching import _solve_assignment, name_by_side


@st.composite
def tables(draw):
    rows, width = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    return [[draw(st.integers(0, 9)) / 10 for _ in range(width)] for _ in range(rows)]


@settings(max_examples=count_examples(60))
@given(tables())
def test_the_assignment_is_as_good_as_the_best_of_all(scores):
    rows, width = len(scores), len(scores[0])
    chosen = _solve_assignment(scores)
    assert len({row for row, _ in chosen}) == len(chosen)
    assert len({place for _, place in chosen}) == len(chosen)
    padded = [[*row, *[0.0] * rows] for row in scores]
    best = max(
        sum(padded[row][place] for row, place in enumerate(order)) for order in permutations(range(width + rows), rows)
    )
    assert sum(scores[row][place] for row, place in chosen) == pytest.approx(best)


def test_nothing_is_assigned_from_nothing():
    assert _solve_assignment([]) == []


def test_a_name_that_repeats_takes_the_side_it_stands_on():
    names = name_by_side(["Motif", "Début", "Motif#2", "Fin", "Motif#3", "Autre"])
    assert names == {
        "Motif": "Motif",
        "Début": "Début",
        "Motif#2": "Motif debut",
        "Fin": "Fin",
        "Motif#3": "Motif fin",
        "Autre": "Autre",
    }
