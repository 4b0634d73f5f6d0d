"""Count the questions that scaffolding left to a person in a plugin's description: no gold with them."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from passerelle.extension.inferring.proposal import MARK

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from passerelle.extension.plugin_info import PluginInfo

_DESCRIBING = (".toml", ".py")


def count_open_points(info: PluginInfo) -> int:
    """Count the marked lines of a plugin's description: its TOML file, or what its package says."""
    if info.path is not None:
        return _count_marks(info.path)
    if info.entry is None:
        return 0
    try:
        return sum(_count_marks(one) for one in files(info.entry.module).iterdir() if one.name.endswith(_DESCRIBING))
    except (ImportError, OSError, TypeError):  # a single module, or no package at all: nothing scaffolding made
        return 0


def _count_marks(file: Traversable) -> int:
    return sum(line.lstrip().startswith(f"# {MARK}") for line in file.read_text(encoding="utf-8").splitlines())
