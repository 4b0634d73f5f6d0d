"""How far a flow is, and how much of it one turn takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passerelle.engine.flow_progress import FlowSlice, ProgressMeter
from passerelle.vocabulary.outcomes import Balance

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def moments() -> list[datetime]:
    return [NOW]


@pytest.fixture
def share(moments) -> FlowSlice:
    share = FlowSlice(lambda: moments[0], batches=3, seconds=30)
    share.begin()
    return share


def test_a_slice_is_over_after_so_many_batches(share):
    meter = ProgressMeter("visites", lambda _progress: None, share=share)
    seen = []
    for _ in range(4):
        seen.append(meter.is_over)
        meter.add(Balance(), 1)
    assert seen == [False, False, False, True]


def test_a_slice_is_over_after_so_long_and_has_one_batch_at_least(share, moments):
    moments[0] += timedelta(seconds=40)
    assert not share.is_over
    share.taken += 1
    assert share.is_over


def test_who_has_to_end_begins_nothing(moments):
    assert FlowSlice(lambda: moments[0], is_stopped=lambda: True).is_over


def test_without_a_slice_everything_is_taken():
    meter = ProgressMeter("visites", lambda _progress: None)
    for _ in range(1_000):
        meter.add(Balance(), 1)
    assert not meter.is_over


def test_a_screen_that_is_gone_is_no_fault_of_the_flow():
    def fail(_progress) -> None:
        raise BrokenPipeError

    meter = ProgressMeter("visites", fail)
    meter.add(Balance(received=2), 1)
    meter.add(Balance(received=3), 1)
    assert meter.balance.received == 5
