"""When Python looks for cycles in memory."""

from __future__ import annotations

import gc

import pytest

from passerelle.faces.cli import cycles


@pytest.fixture(autouse=True)
def _as_before():
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    gc.enable()


def test_cycles_are_looked_for_once_the_imports_are_done_and_not_among_them():
    gc.unfreeze()
    cycles.begin()
    assert not gc.isenabled()
    cycles.work()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_a_program_that_is_called_inside_another_leaves_the_memory_of_that_one_alone():
    gc.unfreeze()
    threshold = gc.get_threshold()
    cycles.work()
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, threshold)
