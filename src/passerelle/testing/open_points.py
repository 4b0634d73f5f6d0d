"""Count the questions that scaffolding left to a person in a plugin's description: no gold with them."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.extension.inferring.proposal import MARK

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from passerelle.extension.plugin_info import PluginInfo

_ASKED = re.compile(rf"{MARK}[ \u00a0\u202f]*:")
_README = "README.md"
_DESCRIBING = (".toml", ".py")


def count_open_points(info: PluginInfo) -> int:
    """Count the marked lines of a plugin's description (its TOML file, or what its package says) and of its README."""
    if info.path is not None:
        return _count_marks(info.path) + _count_asked(info.path.parent / _README)
    if info.entry is None:
        return 0
    try:
        package = files(info.entry.module)
        described = sum(_count_marks(one) for one in package.iterdir() if one.name.endswith(_DESCRIBING))
    except (ImportError, OSError, TypeError):  # a single module, or no package at all: nothing scaffolding made
        return 0
    # A plugin that is worked on stands in its folder, `src/<package>`; an installed one has no README.
    return described + (_count_asked(package.parents[1] / _README) if isinstance(package, Path) else 0)


def _count_asked(readme: Path) -> int:
    """Count the questions of a README: the mark and a colon. A sentence about the mark asks nothing."""
    if not readme.is_file():
        return 0
    lines = readme.read_text(encoding="utf-8", errors="replace").splitlines()
    return sum(_ASKED.search(line) is not None for line in lines)


def _count_marks(file: Traversable) -> int:
    return sum(line.lstrip().startswith(f"# {MARK}") for line in file.read_text(encoding="utf-8").splitlines())
