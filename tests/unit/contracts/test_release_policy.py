"""What a processing states, and what then goes: each statement can only be needed, never replaced by a switch."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle import contracts
from passerelle.contracts.field_meta import DataSubject, Purpose, RecipientKind, Sensitivity
from passerelle.contracts.processing import Processing, Recipient
from passerelle.contracts.release import NEVER, OPEN, Condition, find_release
from passerelle.contracts.release_policy import ExtraColumn, ReleasePolicy

TODAY = date(2026, 3, 1)
VISIT = contracts.get("visit/1")
CONTRACTS = list(contracts.catalogue().values())


def policy_of(purpose, kind="processor", **stated):
    processing = Processing(purpose=purpose, recipient=Recipient(kind=RecipientKind(kind)), is_declared=True, **stated)
    return ReleasePolicy.of(processing, TODAY, {})


def test_traces_of_work_go_when_the_works_council_was_consulted_before_the_day_of_the_run():
    for day, goes in ((None, False), (date(2026, 3, 2), False), (TODAY, True), (date(2025, 1, 1), True)):
        policy = policy_of(Purpose.PAY, council_consulted_on=day)
        assert (policy.find_releases(VISIT)["travel_km"] == OPEN) is goes
        assert ("travel_km" in policy.list_held_back(VISIT, Condition.CONSULTATION)) is not goes


def test_special_categories_go_with_a_ground_and_older_settings_keep_what_they_had():
    assert policy_of(Purpose.SUPPORT).find_releases(VISIT)["service"] == NEVER
    assert policy_of(Purpose.SUPPORT, special_ground="h").find_releases(VISIT)["service"] == OPEN
    older = ReleasePolicy.of(Processing.of_purpose(Purpose.SUPPORT), TODAY, {})
    assert older.find_releases(VISIT)["service"] == OPEN


def test_portability_needs_nothing_stated():
    policy = ReleasePolicy.of(Processing.of_purpose(Purpose.PORTABILITY), TODAY, {})
    assert all(set(policy.find_releases(contract).values()) == {OPEN} for contract in CONTRACTS)
    assert policy.takes_everything
    assert not policy.list_held_back(VISIT, Condition.CONSULTATION)


policies = st.builds(
    ReleasePolicy,
    purpose=st.sampled_from(Purpose),
    recipient_kind=st.sampled_from(RecipientKind),
    is_consulted=st.booleans(),
    has_ground=st.booleans(),
)


@given(policies, st.sampled_from(CONTRACTS))
def test_a_switch_only_narrows_what_the_rules_give(policy, contract):
    for name, release in policy.find_releases(contract).items():
        assert release.is_within(find_release(contract, name, policy.purpose, policy.recipient_kind))
        for switch in ("is_consulted", "has_ground"):
            narrower = replace(policy, **{switch: False})
            assert narrower.find_releases(contract)[name].is_within(release)


columns = st.builds(
    ExtraColumn,
    title=st.just("x"),
    subject=st.sampled_from(DataSubject),
    sensitivity=st.sampled_from(Sensitivity),
    purposes=st.lists(st.sampled_from(Purpose), min_size=1).map(tuple),
)


@given(policies, columns)
def test_a_described_column_goes_no_further_than_a_field_described_so(policy, column):
    if policy.find_column_release(column) == NEVER:
        return
    assert policy.purpose in column.purposes
    assert column.sensitivity is not Sensitivity.SECRET
    assert column.sensitivity is not Sensitivity.SURVEILLANCE or policy.is_consulted
    assert column.sensitivity is not Sensitivity.SPECIAL or policy.has_ground
    assert policy.purpose not in ("steering", "statistics")


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose != "portability"])
def test_without_named_columns_nothing_outside_the_contract_goes(purpose):
    policy = ReleasePolicy.of_purpose(purpose)
    assert (policy.list_columns(), policy.takes_everything) == (frozenset(), False)
    assert policy.find_releases(VISIT)["extra"] == NEVER
