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
    suppliers: tuple[str, ...] = field(default=(), compare=False)
    """Ids of its suppliers, where its metadata name them: then it is imported only when one of them is asked for."""
    connectors: tuple[str, ...] = field(default=(), compare=False)
    """Ids of its connectors, likewise."""

    @property
    def can_wait(self) -> bool:
        """Whether its metadata say what it has, so that it need not be imported to know."""
        return bool(self.suppliers and self.connectors)
