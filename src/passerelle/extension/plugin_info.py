"""Metadata of an installed plugin, or of a supplier description beside the settings; no code of it is imported."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """What the metadata of an installed distribution declare about its plugin."""

    name: str
    distribution: str
    version: str
    summary: str
    entry: EntryPoint | None = field(default=None, compare=False, repr=False)
    path: Path | None = field(default=None, compare=False, repr=False)
    """The description file, for a supplier that stands beside the settings and is not installed."""
