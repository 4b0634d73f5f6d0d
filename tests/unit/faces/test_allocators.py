"""One store for all threads, in both allocators of a run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from passerelle.faces.cli import allocators

_SCRIPT = """
import sys
from passerelle.faces.cli import allocators
allocators.begin()
assert "polars" not in sys.modules
import os, polars
print(os.environ["_RJEM_MALLOC_CONF"])
"""


def test_polars_is_asked_before_it_is_loaded_and_a_wish_of_the_operator_stands(monkeypatch):
    monkeypatch.delenv("_RJEM_MALLOC_CONF", raising=False)
    said = [subprocess.run((sys.executable, "-c", _SCRIPT), capture_output=True, text=True, check=True).stdout]
    monkeypatch.setenv("_RJEM_MALLOC_CONF", "narenas:3")
    said.append(subprocess.run((sys.executable, "-c", _SCRIPT), capture_output=True, text=True, check=True).stdout)
    # polars adds wishes of its own, before ours: the last that is said of anything counts
    assert said[0].endswith(",narenas:1,muzzy_decay_ms:0\n")
    assert said[1].endswith(",narenas:3\n")


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_other_systems_are_left_alone(monkeypatch, platform):
    asked = []
    monkeypatch.setattr("ctypes.CDLL", lambda _name: asked.append(1) or object())
    monkeypatch.setattr(sys, "platform", platform)
    allocators.work()
    assert bool(asked) is (platform == "linux")
