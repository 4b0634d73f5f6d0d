"""A page of the quarantine costs the same with 1,000 and with 100,000 waiting records: a ratio, on any machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import waiting

MOST = 1.5
FLOOR = 0.1
"""Milliseconds below which a difference is the clock's."""


@pytest.mark.slow
def test_pages_do_not_grow_with_what_waits():
    grown = {
        name: (few, many)
        for name, (few, many) in waiting.compare_sizes(1_000, 100_000).items()
        if many > MOST * few + FLOOR
    }
    assert grown == {}
