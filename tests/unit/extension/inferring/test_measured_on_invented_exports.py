"""The figures of `make inference`, held: what comes of exports that were invented with the habits of real ones."""

from __future__ import annotations

import pytest
from inference.measure import GROUPS, measure

LEAST_RIGHT, MOST_SILENT = 0.9, 0.02


def test_there_are_thirty_exports_and_a_third_was_not_looked_at():
    assert sum(map(len, GROUPS.values())) >= 30
    assert len(GROUPS["held out"]) >= 10
    assert sum(not export.contract for exports in GROUPS.values() for export in exports) >= 6


@pytest.mark.parametrize("group", GROUPS)
def test_contracts_and_fields_are_right_or_asked_about(group):
    found = measure(GROUPS[group])
    assert found.contracts >= found.fitting - 1
    assert found.refused == found.strangers
    assert found.right >= LEAST_RIGHT * found.columns
    assert found.habits == found.fitting
    assert found.silent <= MOST_SILENT * found.columns
