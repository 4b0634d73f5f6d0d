"""The quick form of the bench of a comparison: every pair is found, what is hurt is named, memory stays bounded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import switching

pytestmark = pytest.mark.slow


def test_two_sides_of_sixty_thousand_visits_are_compared_in_bounded_memory():
    found = switching.measured(60_000)
    assert (found["matched"], found["hurt"], found["findings"]) == (60_000, 1, 1)
    assert found["peak_mib"] < 800
