"""Stages add up, without counting a moment twice, in whichever thread they pass."""

from __future__ import annotations

import time
from contextvars import copy_context
from threading import Thread

import pytest

from passerelle.engine.stopwatch import STAGES, measure_run, time_each, time_stage


def _busy(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def _failing_after(seconds: float) -> None:
    _busy(seconds)
    raise KeyError


def test_a_stage_inside_another_is_taken_out_of_it():
    with measure_run() as watch, time_stage("compare"):
        _busy(0.02)
        with time_stage("encode"):
            _busy(0.05)
    assert watch.stages["encode"].cpu >= 0.05
    assert 0.02 <= watch.stages["compare"].cpu < 0.05
    assert watch.total.cpu >= 0.07
    assert watch.total.wall >= watch.stages["compare"].wall + watch.stages["encode"].wall


def test_waiting_takes_time_and_no_processor():
    with measure_run() as watch, time_stage("waiting"):
        time.sleep(0.05)
    assert watch.stages["waiting"].wall >= 0.05
    assert watch.stages["waiting"].cpu < 0.05


def test_a_thread_that_takes_the_context_along_is_counted():
    def work() -> None:
        with time_stage("decode"):
            _busy(0.02)

    with measure_run() as watch:
        context = copy_context()
        thread = Thread(target=lambda: context.run(work))
        with time_stage("deliver"):
            thread.start()
            thread.join()
    assert watch.stages["decode"].cpu >= 0.02
    assert watch.stages["deliver"].cpu < 0.02


def test_the_making_of_items_is_a_stage_and_their_use_is_not():
    def made():
        for number in range(2):
            _busy(0.02)
            yield number

    with measure_run() as watch:
        for _number in time_each("decode", made()):
            _busy(0.05)
    assert 0.04 <= watch.stages["decode"].cpu < 0.1


def test_a_stage_that_fails_is_counted():
    with measure_run() as watch:
        with pytest.raises(KeyError), time_stage("settle"):
            _failing_after(0.02)
        with time_stage("gate"):
            pass
    assert watch.stages["settle"].cpu >= 0.02
    assert watch.stages["gate"].cpu < 0.02


def test_without_a_watch_nothing_is_counted():
    with time_stage("no such stage"):
        pass
    assert list(time_each("no such stage", "ab")) == ["a", "b"]
    with measure_run() as watch:
        pass
    assert tuple(watch.stages) == STAGES
