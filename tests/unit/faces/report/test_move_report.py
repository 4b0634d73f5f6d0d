"""A run of a move in words: records and what became of them, never how often they passed."""

from __future__ import annotations

import pytest

from passerelle.faces.report import move_report
from passerelle.switching.run.moving import MoveResult, MoveStatus
from passerelle.vocabulary.language import set_language
from passerelle.vocabulary.outcomes import Balance, Fate


@pytest.mark.parametrize(
    ("fates", "told"),
    [
        ({Fate.DELIVERED: 48}, "48 records: delivered 48"),
        ({Fate.DELIVERED: 48, Fate.WITHHELD: 0}, "48 records: delivered 48"),
        ({Fate.DELIVERED: 1}, "1 record: delivered 1"),
        ({}, "nothing new or changed"),
    ],
)
def test_a_contract_is_told_with_its_title_and_its_records(fates, told):
    set_language("en")
    balance = Balance(sum(fates.values()), fates)
    first, second = move_report.format_text(MoveResult((MoveStatus("person/1", balance),))).splitlines()[:2]
    assert first.endswith("(person/1)")
    assert second == f"  {told}"
