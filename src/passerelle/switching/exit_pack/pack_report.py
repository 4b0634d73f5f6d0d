"""The report of a verification of an exit pack: its defects, listed up to a limit and all counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.switching.exit_pack.manifest import PackManifest

PLACES = 20
"""How many defects of a kind are listed one by one; the others are only counted."""


@dataclass(frozen=True, slots=True)
class PackFinding:
    """A defect: its reason code, the file of the pack, and the line, 0 where there is none."""

    code: str
    path: str
    line: int = 0
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PackReport:
    """The defects that a verification found, and how many records it read."""

    manifest: PackManifest
    findings: list[PackFinding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Defects by code, also those beyond `PLACES`."""
    records: int = 0

    def add(self, code: str, path: str, line: int = 0, **facts: str) -> None:
        """Add a defect."""
        self.counts[code] += 1
        if self.counts[code] <= PLACES:
            self.findings.append(PackFinding(code, path, line, facts))

    @property
    def is_good(self) -> bool:
        """Whether no defect was found."""
        return not self.counts
