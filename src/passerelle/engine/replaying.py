"""Bringing records back from quarantine: corrected or re-mapped, they take the same path again as a parcel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passerelle.edges.sources.replay import ReplaySource
from passerelle.engine.collecting import TOWARDS_API, collect
from passerelle.engine.log import log
from passerelle.stages.decode.replay import write_replay_line
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.assembly import Workspace


def replay(
    house: Workspace, flow: str, ids: Sequence[int], corrections: Mapping[int, Mapping[str, str]] | None = None
) -> int:
    """Register a parcel made of quarantined records, and say how many; the next run of the flow takes it across.

    `corrections` gives, by item, the cells that a person corrected. An item of which only the raw text is known (it
    could not be read) needs them. Raises UsageError when nothing can be replayed.
    """
    lines, taken = [], []
    for item, content in house.quarantine.open_payloads(ids).items():
        cells = {**content_cells(content), **(corrections or {}).get(item, {})}
        if cells:
            known = json.loads(content)
            lines.append(write_replay_line(item, known["member"], known["line"], cells))
            taken.append(item)
    if not taken:
        raise UsageError("incident.replay.nothing")
    collect(flow, ReplaySource(lines, tuple(taken)), house.depot, house.journal, house.clock, TOWARDS_API)
    log("replay_registered", flow=flow, count=len(taken))
    return len(taken)


def content_cells(payload: bytes) -> dict[str, str | None]:
    """Give the supplier's cells that a quarantined item keeps; empty for one that could not be read."""
    cells: dict[str, str | None] = json.loads(payload).get("cells", {})
    return cells
