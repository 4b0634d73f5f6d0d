"""What a sample can prove."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.tender.scoring.reach import compute_chance, compute_upper_bound


@pytest.mark.parametrize(("checked", "rate"), [(50, 0.058), (100, 0.030), (300, 0.010), (3000, 0.001)])
def test_without_an_anomaly_the_bound_is_that_of_the_rule(checked, rate):
    assert round(compute_upper_bound(0, checked), 3) == rate
    assert compute_upper_bound(0, checked) == 1 - 0.05 ** (1 / checked)


def test_with_anomalies_the_bound_is_that_of_clopper_and_pearson():
    """Figures of published tables, one-sided, 95 %."""
    assert round(compute_upper_bound(1, 50), 4) == 0.0914
    assert round(compute_upper_bound(2, 10), 4) == 0.5069
    assert round(compute_upper_bound(5, 100), 4) == 0.1023


def test_when_everything_is_wrong_nothing_is_ruled_out():
    assert compute_upper_bound(7, 7) == 1.0


@pytest.mark.parametrize(("anomalies", "checked"), [(0, 0), (3, 2), (-1, 5)])
def test_counts_that_cannot_be_are_refused(anomalies, checked):
    with pytest.raises(ValueError, match="counted"):
        compute_upper_bound(anomalies, checked)


@given(st.integers(1, 400), st.data())
@settings(max_examples=count_examples(60), deadline=None)
def test_so_few_anomalies_would_be_seen_once_in_twenty_samples(checked, data):
    anomalies = data.draw(st.integers(0, checked - 1))
    bound = compute_upper_bound(anomalies, checked)
    assert anomalies / checked < bound < 1
    assert compute_chance(anomalies, checked, bound) == pytest.approx(0.05, abs=1e-9)
    assert (
        compute_upper_bound(anomalies, checked + 1)
        < bound
        < compute_upper_bound(anomalies + 1, checked + 1) + 1 / checked
    )


def test_a_million_values_take_no_time():
    assert compute_upper_bound(20_000, 1_000_000) == pytest.approx(0.02023, abs=1e-4)
