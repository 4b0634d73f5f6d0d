"""The quick forms of the benches of a change of supplier: a comparison, and a move beside a run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import moving
import switching

pytestmark = pytest.mark.slow


def test_two_sides_of_sixty_thousand_visits_are_compared_in_bounded_memory():
    found = switching.measured(60_000)
    assert (found["matched"], found["hurt"], found["findings"]) == (60_000, 1, 1)
    assert found["peak_mib"] < 800


def test_a_move_of_five_contracts_costs_little_more_than_one_run():
    found = moving.measure(20_000, 1)
    assert (found["contracts"], found["moved"]) == (5, found["rows"])
    assert found["ratio"] < 1.8  # 1.2 on an idle machine; decoding once for each contract made it 2.4
