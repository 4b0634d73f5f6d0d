"""Registers records from quarantine as a parcel, as they are or corrected: they take the same path again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passerelle.edges.sources.replay import ReplaySource
from passerelle.engine.log import log
from passerelle.engine.path.collecting import TOWARDS_API, collect
from passerelle.stages.decode.replay import write_replay_line
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.workspace.assembly import Workspace


def replay(
    workspace: Workspace, flow: str, ids: Sequence[int], corrections: Mapping[int, Mapping[str, str]] | None = None
) -> int:
    """Register a parcel made of quarantined records and return how many; the next run of the flow delivers it.

    `corrections` gives, by item, the cells that a person corrected. An item of which only the raw text is known (it
    could not be read) needs them. Raises UsageError when nothing can be replayed.
    """
    lines, replayed = [], []
    for item, content in workspace.quarantine.open_payloads(ids).items():
        cells = {**read_cells(content), **(corrections or {}).get(item, {})}
        if cells:
            origin = json.loads(content)
            lines.append(write_replay_line(item, origin["member"], origin["line"], cells))
            replayed.append(item)
    if not replayed:
        raise UsageError("incident.replay.nothing")
    collect(
        flow, ReplaySource(lines, tuple(replayed)), workspace.depot, workspace.journal, workspace.clock, TOWARDS_API
    )
    workspace.ring(flow)
    log("replay_registered", flow=flow, count=len(replayed))
    return len(replayed)


def read_cells(payload: bytes) -> dict[str, str | None]:
    """Return the supplier's cells that a quarantined item keeps; empty for one that could not be read."""
    cells: dict[str, str | None] = json.loads(payload).get("cells", {})
    return cells
