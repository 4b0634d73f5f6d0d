"""The quick form of the bench of the shelf: each part measures what it says, on little."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import bulk
import following
import shelves

pytestmark = pytest.mark.slow


def test_each_way_through_a_shelf_is_timed_and_one_of_few_and_of_more_is_found(tmp_path):
    speeds = bulk.measure(tmp_path / "bulk", 300, 1)
    assert set(speeds) == {"unsealed", "loop", "everything", "narrower"}
    assert speeds["everything"] < speeds["unsealed"]  # it is unsealed, and then served
    found = shelves.measure_looks(tmp_path / "looks", 500)
    assert found["unknown"] < found["known"]  # whose segment is opened, too


def test_followers_are_told_of_each_change_and_a_change_is_written_once_for_all():
    found = following.measure(120, 2, 2, 3)
    assert found["writes_ratio"] == 1
    assert found["webhook_p95"] >= found["webhook_median"] > 0
