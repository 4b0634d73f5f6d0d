"""Decides, parcel by parcel of a run, which go together and which alone."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.engine.groups.group_run import GroupRun
from passerelle.engine.groups.parcel_groups import MOST, can_group, can_join, decode_group, find_group
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.groups.joined_batch import JoinedBatch
    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.stores.parcels import OpenParcel

_FEWEST = 4
"""Parcels that are tried together at least: fewer would find out too slowly that more go well."""


@dataclass(slots=True)
class GroupChooser:
    """The groups of one flow in one run."""

    workspace: Workspace
    open_flow: OpenFlow
    number: int
    """The number of the run."""
    _alone: set[str] = field(default_factory=set)
    """Keys of parcels whose group was dissolved."""
    _reach: int = MOST
    """Parcels that are tried together next: what is decoded and then not delivered is decoded again."""
    _can_group: bool | None = None

    @property
    def run(self) -> GroupRun:
        """Return what delivers a group."""
        return GroupRun(self.workspace, self.open_flow, self.number)

    def may_join(self, entry: OpenParcel) -> bool:
        """Whether a parcel may be delivered together with others."""
        if entry.parcel.key in self._alone or not can_join(entry, self.open_flow):
            return False
        if self._can_group is None:  # not before there is a parcel: it may take compiling a plan
            self._can_group = can_group(self.workspace, self.open_flow)
        return self._can_group

    def prepare(self, parcels: Sequence[OpenParcel]) -> JoinedBatch | None:
        """Prepare the first parcels as far as they go together, and note that they do; None when only one does.

        Raises what a stage raises, whichever of them it is about.
        """
        group = find_group(parcels, self.open_flow, self._reach)
        members = decode_group(group, self.workspace, self.open_flow) if len(group) > 1 else []
        joined = self.run.prepare(members) if len(members) > 1 else None
        count = len(joined.members) if joined is not None else 1
        self._reach = min(2 * self._reach, MOST) if count == len(group) else max(2 * count, _FEWEST)
        if parcels[0].group is not None and count < len(group):
            self.dissolve(parcels)  # noted by another version, or under other settings: then each writes its own
            return None
        if parcels[0].group is None:
            keys = [entry.parcel.key for entry in group[:count]]
            self.workspace.journal.group_parcels(self.open_flow.flow, keys)
        return joined if count > 1 else None

    def dissolve(self, parcels: Sequence[OpenParcel]) -> None:
        """Let each parcel of a group that failed go alone: what fails, fails alone."""
        keys = [entry.parcel.key for entry in find_group(parcels, self.open_flow, MOST)]
        # Written down: after a kill the file that one of them wrote alone must not come again with those behind it.
        self.workspace.journal.dissolve_group(self.open_flow.flow, keys)
        self._alone.update(keys)
