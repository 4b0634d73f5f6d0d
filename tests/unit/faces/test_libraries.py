"""Libraries look for nothing that a command never has; what an operator wishes stands."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from passerelle.faces.cli import libraries
libraries.begin()
import importlib.metadata
asked = []
usual = importlib.metadata.entry_points
importlib.metadata.entry_points = lambda **of: (asked.append(of), usual(**of))[1]
import pydantic
class Sample(pydantic.BaseModel):
    one: int
print(len(asked))
"""


def look(monkeypatch, wish):
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    if wish:
        monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", wish)
    return int(subprocess.run((sys.executable, "-c", SCRIPT), capture_output=True, text=True, check=True).stdout)


def test_pydantic_looks_for_no_plugins_unless_it_is_asked_to(monkeypatch):
    assert [look(monkeypatch, wish) for wish in ("", "none-of-this-name")] == [0, 1]
