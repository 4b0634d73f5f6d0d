"""The list of doubts is complete, and says what a flow may change."""

from __future__ import annotations

from passerelle.contracts.catalogue import catalogue
from passerelle.vocabulary.doubts import DOUBTS, Treatment, can_be_silent, can_be_strict
from passerelle.vocabulary.reasons import REASONS


def test_every_doubt_is_a_reason_and_may_be_silent():
    assert set(DOUBTS) <= set(REASONS)
    assert all(map(can_be_silent, DOUBTS))


def test_every_rule_that_warns_is_a_doubt_that_may_be_strict():
    codes = {rule.code for contract in catalogue().values() for rule in contract.rules if rule.warns}
    assert codes <= set(DOUBTS)
    assert all(map(can_be_strict, codes))


def test_what_only_a_parcel_shows_cannot_be_strict():
    whole = {code for code, treatment in DOUBTS.items() if treatment is Treatment.PARCEL}
    assert not any(map(can_be_strict, whole))
    assert not can_be_silent("settings.flow.name")
