"""The changes of supplier of a workspace, each planned by its two descriptions alone: no export is read for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.switching.plan.planning import plan_move
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.supplier_change import WorkspaceReaders, find_change
from passerelle.switching.switch_settings import FILE, load_switch_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.switching.plan.planning import MovePlan
    from passerelle.switching.supplier_change import SupplierChange
    from passerelle.switching.switch_settings import SwitchSettings


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One change of supplier, and what would become of each field by the two descriptions."""

    change: SupplierChange
    plan: MovePlan


def list_changes(workspace: Workspace) -> Mapping[str, SwitchSettings]:
    """Return the changes of supplier that stand beside the settings; none where there is no such file.

    Raises SettingsError for a file that is wrong.
    """
    path = workspace.settings.path.parent / FILE
    return load_switch_file(path).switch if path.exists() else {}


def find_named_change(workspace: Workspace, name: str) -> SupplierChange:
    """Return a change of supplier of a workspace. Raises UsageError for an unknown one, SettingsError."""
    readers = WorkspaceReaders(workspace.settings.path.parent, lambda: workspace.plugins, lambda: workspace.settings)
    # the worksheet of decisions may not be there yet: it is written from the first plan
    return find_change(readers, name, None, None, None, is_undecided=True)


def plan_change(workspace: Workspace, name: str) -> PlannedChange:
    """Return a change of supplier with its plan. Raises UsageError for an unknown one, SettingsError."""
    change = find_named_change(workspace, name)
    simulated = SimulatedTarget(change.target, change.decisions)
    return PlannedChange(change, plan_move(change.origin, change.target, simulated, same_ids=change.same_ids))
