"""Plugins made on the spot: real distributions in a temporary folder, found by their metadata."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Give a function that installs a plugin: `install("name", code, version="1.0", summary="", index={})`."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def add(name, code, *, version="1.0", summary="A plugin for tests.", index=None):
        module = f"passerelle_plugin_test_{name}"
        made.append(module)
        (tmp_path / f"{module}.py").write_text(dedent(code), encoding="utf-8")
        folder = tmp_path / f"{module}-{version}.dist-info"
        folder.mkdir()
        words = f"Metadata-Version: 2.1\nName: passerelle-plugin-test-{name}\nVersion: {version}\n"
        (folder / "METADATA").write_text(f"{words}Summary: {summary}\n" if summary else words, encoding="utf-8")
        named = "".join(
            f"[passerelle.{group}]\n" + "".join(f"{one} = {module}\n" for one in ids)
            for group, ids in {"plugins": [name], **(index or {})}.items()
        )
        (folder / "entry_points.txt").write_text(named, encoding="utf-8")
        return module

    yield add
    for module in made:
        sys.modules.pop(module, None)
