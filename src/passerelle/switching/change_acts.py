"""What is done about a change of supplier of a workspace: weighed by the exports, compared, taken back in thought.

What a comparison or a rollback found is kept in counts, so that one can see whether it becomes better; the plan and the
latest differences are kept whole, so that whoever asks is shown them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from passerelle.stores.switch_findings import COMPARED, ROLLED_BACK
from passerelle.switching.change_overview import PlannedChange, find_named_change, plan_change
from passerelle.switching.compare.side_comparing import ComparisonTerms, compare_sides
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.kept_details import keep_differences, keep_plan
from passerelle.switching.plan.planning import plan_move
from passerelle.switching.rollback.undoing import roll_back
from passerelle.switching.run.moving import prepare_move
from passerelle.switching.run.relinking import RefTranslator, learn_refs
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import take_snapshot
from passerelle.switching.switch_settings import FILE, load_switch_file
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.switching.compare.side_comparison import SideComparison
    from passerelle.switching.rollback.undoing import ContractRollback
    from passerelle.switching.snapshot import Snapshot
    from passerelle.switching.supplier_change import SupplierChange


def weigh_plan(workspace: Workspace, name: str, *, who: str) -> PlannedChange:
    """Return a change with its plan, each loss weighed by the records of the old side's exports, and keep the plan.

    Raises UsageError, SettingsError, and ParcelError for an export that is not what its connector reads.
    """
    # first: what is weighed, and what it is compared with later, are of one reading of descriptions and decisions
    unweighed = plan_change(workspace, name)
    change = unweighed.change
    with TemporaryDirectory(prefix="passerelle-") as folder:
        sample = take_snapshot(change.origin, Path(folder), is_sealed=True) if change.has_files else None
        simulated = SimulatedTarget(change.target, change.decisions)
        plan = plan_move(change.origin, change.target, simulated, sample, same_ids=change.same_ids)
    keep_plan(workspace, name, plan, unweighed.plan, who=who)
    return PlannedChange(change, plan)


def compare_change(workspace: Workspace, name: str, *, who: str) -> SideComparison:
    """Read both sides of a change, compare them, and keep what was found in counts. No value is kept or returned.

    Raises UsageError, SettingsError, and ParcelError for an export that is not what its connector reads.
    """
    change = find_named_change(workspace, name)
    # a pseudonym means something within this comparison only: the key is drawn anew and kept nowhere
    key = secrets.token_bytes(16)
    with TemporaryDirectory(prefix="passerelle-") as private:
        work = Path(private)
        both = (
            take_snapshot(change.origin, work / "origin", is_sealed=True),
            take_snapshot(change.target, work / "target", is_sealed=True),
        )
        require_files(both)
        learned: Mapping[str, str] = {}
        if change.moved is not None:
            learned = learn_refs(RefTranslator(workspace, prepare_move(workspace, change.moved, name)), both[0])
        log = FindingLog(
            work / "findings.ndjson", lambda ref: hashlib.blake2b(ref.encode(), key=key, digest_size=6).hexdigest()
        )
        with log:
            comparison = compare_sides(*both, make_terms(change, learned), folder=work / "rows", findings=log)
    keep_comparison(workspace, name, comparison, who=who)
    return comparison


def make_terms(change: SupplierChange, learned_refs: Mapping[str, str]) -> ComparisonTerms:
    """Return on which terms a change is compared; `learned_refs`: the old side's ref of each that was given there."""
    return ComparisonTerms(
        simulated=SimulatedTarget(change.target, change.decisions),
        tolerances=change.tolerances,
        same_ids=change.same_ids,
        translation=learned_refs,
    )


def require_files(snapshots: Iterable[Snapshot]) -> None:
    """Raise UsageError for a side of which nothing was read."""
    for snapshot in snapshots:
        if not snapshot.manifest["files"]:
            raise UsageError("usage.side.empty", name=snapshot.side, export="*")


def keep_comparison(workspace: Workspace, name: str, comparison: SideComparison, *, who: str) -> None:
    """Keep what a comparison found, in counts; and its differences, without values, in place of those before."""
    kinds: Counter[str] = Counter()
    for (kind, _contract, _fields), count in comparison.groups.items():
        kinds[kind.value] += count
    content = {
        "contracts": {
            contract: {
                "origin": tally.origin - tally.repeated,
                "target": tally.target,
                "found": sum(tally.matched.values()),
            }
            for contract, tally in comparison.tallies.items()
        },
        "unexpected": dict(kinds),
        "losses": len(comparison.losses_to_accept),
        "proposals": len(comparison.proposals),
    }
    workspace.journal.keep_switch_finding(name, COMPARED, content, who=who, now=workspace.clock.now())
    keep_differences(workspace, name, comparison, who=who)


def keep_rollback(
    workspace: Workspace, name: str, undone: Sequence[ContractRollback], *, who: str, dry_run: bool
) -> None:
    """Keep what a rollback did, or would do, in counts: what is left to people by kind, never what it is."""
    contracts: dict[str, Any] = {
        one.contract: {
            "created": one.created,
            "removed": one.removed,
            "left": dict(Counter(item.kind for item in one.remaining)),
        }
        for one in undone
    }
    content = {"dry_run": dry_run, "contracts": contracts}
    workspace.journal.keep_switch_finding(name, ROLLED_BACK, content, who=who, now=workspace.clock.now())


def count_rollback(workspace: Workspace, name: str, *, who: str) -> list[ContractRollback]:
    """Return what taking a move back would do, and keep it in counts; nothing is removed.

    Raises UsageError for a change that moves nothing, TransientError while another process works on it.
    """
    switches = load_switch_file(workspace.settings.path.parent / FILE)
    undone = roll_back(workspace, prepare_move(workspace, switches, name), who=who, dry_run=True)
    keep_rollback(workspace, name, undone, who=who, dry_run=True)
    return undone
