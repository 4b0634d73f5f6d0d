"""Several calls at once: in order, bounded, stopped early."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.edges.http.concurrent import map_in_order
from passerelle.vocabulary.errors import TransientError


@settings(max_examples=count_examples(20), deadline=None)
@given(st.lists(st.integers(), max_size=30), st.integers(1, 8))
def test_results_come_in_the_order_of_the_items(items, in_flight):
    assert map_in_order(lambda item: item * 2, items, in_flight=in_flight) == [item * 2 for item in items]


def test_no_more_than_promised_are_in_flight():
    now, most, lock = [0], [0], threading.Lock()

    def work(_item):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1

    map_in_order(work, range(20), in_flight=3)
    assert 1 < most[0] <= 3


@pytest.mark.parametrize("in_flight", [1, 4])
def test_the_first_fault_cancels_what_is_queued(in_flight):
    begun = []

    def work(item):
        begun.append(item)
        time.sleep(0.01)
        if item == 2:
            raise TransientError("incident.supplier.unreachable")
        return item

    with pytest.raises(TransientError):
        map_in_order(work, range(500), in_flight=in_flight)
    assert len(begun) < 50


@pytest.mark.parametrize(("items", "in_flight", "own"), [(5, 1, True), (1, 4, True), (0, 4, True), (2, 2, False)])
def test_one_at_a_time_needs_no_thread(items, in_flight, own):
    threads = map_in_order(lambda _item: threading.current_thread(), range(items), in_flight=in_flight)
    assert all((thread is threading.current_thread()) is own for thread in threads)
