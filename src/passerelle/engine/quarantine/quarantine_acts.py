"""Acts on records in quarantine: choose them, replay them as they are or corrected, discard them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.engine.audit.revealing import audit_act, name_items, name_purposes
from passerelle.engine.log import log
from passerelle.engine.quarantine.replaying import read_cells, replay
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.quarantine_causes import QuarantineCause
    from passerelle.stores.quarantine_rows import QuarantineRow


@dataclass(frozen=True, slots=True)
class QuarantineSelection:
    """Which items an act is about: those with these numbers, narrowed to a flow, a fate, a reason. Empty: all."""

    ids: tuple[int, ...] = ()
    flow: str = ""
    fate: str = ""
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen at all."""
        return not (self.ids or self.flow or self.fate or self.reason)

    def require_choice(self) -> None:
        """Raise UsageError when nothing was chosen: nobody empties the quarantine by forgetting a word."""
        if self.is_empty:
            raise UsageError("usage.items.unchosen")


def list_items(
    workspace: Workspace, selection: QuarantineSelection, *, state: str = QuarantineState.WAITING
) -> list[QuarantineRow]:
    """Return the items in a state, oldest first, without values; those in every state when it is empty."""
    flow, fate, reason = selection.flow, selection.fate, selection.reason
    return list(workspace.quarantine.list_rows(flow=flow, fate=fate, reason=reason, state=state, ids=selection.ids))


def choose_items(
    workspace: Workspace, selection: QuarantineSelection, *, state: str = QuarantineState.WAITING
) -> list[QuarantineRow]:
    """Return the items in a state, as `list_items` does. Raises UsageError when there is none."""
    rows = list_items(workspace, selection, state=state)
    if not rows:
        # «nothing answers to this» would send a person who asked for nothing looking for a mistake
        raise UsageError("usage.items.empty" if selection.is_empty else "usage.items.none")
    return rows


def list_causes(
    workspace: Workspace, selection: QuarantineSelection, *, state: str = QuarantineState.WAITING
) -> list[QuarantineCause]:
    """Return how many items in a state each cause has, the most frequent first. Numbers of items do not narrow it."""
    return [
        cause
        for cause in workspace.quarantine.list_causes(flow=selection.flow, state=state)
        if selection.fate in ("", cause.fate) and selection.reason in ("", cause.reason)
    ]


def replay_items(
    workspace: Workspace, selection: QuarantineSelection, cells: Mapping[int, Mapping[str, str]] = MappingProxyType({})
) -> dict[str, int]:
    """Register items for the next run, as they are or with the cells of a corrected sheet; return counts by flow.

    `cells` holds, by item, every cell of the sheet that came back, changed or not.
    Raises UsageError when nothing is chosen, or nothing can be replayed.
    """
    selection.require_choice()
    rows = choose_items(workspace, selection)
    payloads = workspace.quarantine.open_payloads(row.id for row in rows if row.id in cells)
    corrections = {item: find_corrections(cells[item], payload) for item, payload in payloads.items()}
    by_flow: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_flow[row.flow].append(row.id)
    return {flow: replay(workspace, flow, ids, corrections) for flow, ids in by_flow.items()}


def find_corrections(cells: Mapping[str, str], payload: bytes) -> dict[str, str]:
    """Return the cells that a person changed, against those that the item keeps.

    An empty cell where the supplier's is absent or empty is no change: a sheet cannot tell these apart.
    """
    before = read_cells(payload)
    if not before and not any(cells.values()):
        return {}
    return {name: text for name, text in cells.items() if not before or text != (before.get(name) or "")}


def discard_items(workspace: Workspace, selection: QuarantineSelection, *, why: str, who: str) -> int:
    """Destroy items for good and return how many; `why` and `who` go into the audit trail, counts stay in the books.

    Raises UsageError when nothing is chosen, or without a reason.
    """
    selection.require_choice()
    rows = choose_items(workspace, selection)
    chosen, purpose = [row.id for row in rows], name_purposes(workspace, (row.flow for row in rows))
    audit_act(workspace, "quarantine.discard", name_items(chosen), why=why, who=who, purpose=purpose)
    count = workspace.quarantine.move_items(chosen, QuarantineState.DISCARDED, workspace.clock.now())
    log("quarantine_discarded", count=count)
    return count
