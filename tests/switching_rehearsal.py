"""The invented association, laid out: what it leaves, and what the new software holds after a faultless import."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from examples.switching import association, defects, moving  # noqa: E402  the examples are no package of ours

from passerelle.extension.loading import Plugins, load_plugins  # noqa: E402
from passerelle.switching.compare.comparing import Terms, compare  # noqa: E402
from passerelle.switching.compare.findings import Findings  # noqa: E402
from passerelle.switching.decisions import Decisions  # noqa: E402
from passerelle.switching.expected import Mirror  # noqa: E402
from passerelle.switching.settings import load  # noqa: E402
from passerelle.switching.side import Side, side_of  # noqa: E402
from passerelle.switching.snapshot import Snapshot, take  # noqa: E402

if TYPE_CHECKING:
    from passerelle.switching.compare.comparison import Comparison

__all__ = ["Rehearsal", "association", "defects", "moving", "prepare"]


@dataclass(frozen=True)
class Rehearsal:
    """A folder with `switch.toml`, both sides, and the old one read."""

    folder: Path
    plugins: Plugins
    origin: Side
    target: Side
    old: Snapshot
    decisions: Decisions

    @property
    def mirror(self) -> Mirror:
        return Mirror(self.target, self.decisions)

    def compared(self, room: Path) -> Comparison:
        """Read the new side as its files are now, and compare. Records are named by their own references."""
        new = take(self.target, room / "new")
        with Findings(room / "findings.ndjson", str) as findings:
            terms = Terms(mirror=self.mirror, same_ids=True)
            return compare(self.old, new, terms, folder=room / "rows", findings=findings)


def prepare(folder: Path, persons: int, visits: int, decisions: Decisions | None = None) -> Rehearsal:
    """Invent an association of this size and move it."""
    decided = decisions or Decisions()
    association.write(association.invent(persons, visits), folder / "ancien")
    (folder / "switch.toml").write_text(moving.SETTINGS, encoding="utf-8")
    plugins = load_plugins()
    document = load(folder / "switch.toml")
    origin, target = (side_of(name, document.named_side(name), plugins) for name in ("ancien", "nouveau"))
    old = take(origin, folder / "releve")
    moving.move(old, folder / "nouveau", plugins, decided)
    return Rehearsal(folder, plugins, origin, target, old, decided)
