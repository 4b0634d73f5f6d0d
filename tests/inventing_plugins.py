"""Plugins invented for one test: installed in a folder of its own, found by this process and by those it starts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SOUND = """
from passerelle import Connector, Csv, Supplier, Table, convert as to, hookimpl

NOTES = Table(contract="note/1", fields={"ref": to.Ref("id", system="sound", entity="note"), "text": to.Text("t")})
NOTES = Connector(id="sound-notes", title="Notes", dialect=Csv(), tables=(NOTES,))


@hookimpl
def provide_suppliers():
    return [Supplier(id="sound", title="Sound", connectors=(NOTES,))]
"""
"""A plugin that is one module: its connector lacks the required fields of its contract, and has no samples."""
RAISES = "raise ValueError('Mme Invente')"
DIES = "import os; os._exit(7)"
SPIES = "open(__file__ + '.log', 'w').close()"


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, **modules: str) -> None:
    """Install plugins, each given by its name and the text of its module."""
    for name, body in modules.items():
        (folder / f"plugin_{name}.py").write_text(body)
        about = folder / f"plugin_{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plugin-{name}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[passerelle.plugins]\n{name} = plugin_{name}\n")
    monkeypatch.syspath_prepend(str(folder))
    there = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(there))
