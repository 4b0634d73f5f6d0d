"""Reading both softwares back and comparing them: what `switch compare` and `switch prove` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.cli.switch.progress import watch_contracts, watch_reading
from passerelle.switching.change_acts import make_terms
from passerelle.switching.compare.side_comparing import compare_sides
from passerelle.switching.snapshot import take_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.switching.compare.side_comparison import SideComparison
    from passerelle.switching.compare.side_findings import FindingLog
    from passerelle.switching.snapshot import Snapshot
    from passerelle.switching.supplier_change import SupplierChange


def take_snapshots(change: SupplierChange, folder: Path, *, is_sealed: bool) -> tuple[Snapshot, Snapshot]:
    """Read both sides into the folders `origin` and `target`; sealed unless somebody wants to keep them."""
    with watch_reading() as progress:
        return (
            take_snapshot(change.origin, folder / "origin", is_sealed=is_sealed, progress=progress),
            take_snapshot(change.target, folder / "target", is_sealed=is_sealed, progress=progress),
        )


def compare_snapshots(
    change: SupplierChange,
    snapshots: tuple[Snapshot, Snapshot],
    folder: Path,
    findings: FindingLog,
    learned_refs: dict[str, str],
) -> SideComparison:
    """Compare both sides. `learned_refs` holds the old side's ref of each ref that the new software gave."""
    terms = make_terms(change, learned_refs)
    with findings, watch_contracts() as progress:
        return compare_sides(*snapshots, terms, folder=folder, findings=findings, progress=progress)
