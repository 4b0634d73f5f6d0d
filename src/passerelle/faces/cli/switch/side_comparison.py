"""Reading both softwares back and comparing them: what `switch compare` and `switch prove` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.cli.switch.progress import watch_contracts, watch_reading
from passerelle.switching.compare.comparing import Terms, compare
from passerelle.switching.expected import SimulatedTarget
from passerelle.switching.snapshot import take

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.switching.compare.comparison import Comparison
    from passerelle.switching.compare.findings import Findings
    from passerelle.switching.snapshot import Snapshot
    from passerelle.switching.supplier_change import SupplierChange


def take_snapshots(change: SupplierChange, folder: Path) -> tuple[Snapshot, Snapshot]:
    """Read both sides into the folders `origin` and `target`."""
    with watch_reading() as progress:
        return (
            take(change.origin, folder / "origin", progress=progress),
            take(change.target, folder / "target", progress=progress),
        )


def compare_snapshots(
    change: SupplierChange,
    snapshots: tuple[Snapshot, Snapshot],
    folder: Path,
    findings: Findings,
    learned_refs: dict[str, str],
) -> Comparison:
    """Compare both sides. `learned_refs` holds the old side's ref of each ref that the new software gave."""
    terms = Terms(
        simulated=SimulatedTarget(change.target, change.decisions),
        tolerances=change.tolerances,
        same_ids=change.same_ids,
        translation=learned_refs,
    )
    with findings, watch_contracts() as progress:
        return compare(*snapshots, terms, folder=folder, findings=findings, progress=progress)
