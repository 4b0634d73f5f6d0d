"""Waits for places that are away (a share, a server), and suspends a flow only when one stays away too long.

A place that answers again ends the wait, and the suspension that came of it: nobody has to type a command for a share
that is back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.engine.settings.place_settings import PlaceSettings
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from passerelle.engine.settings.flow_sides import Side
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.stores.journal import Journal
    from passerelle.vocabulary.errors import TransientError

LOST = "incident.folder.lost"
"""The reason of the suspension that ends by itself."""
_AWAY = frozenset(
    {
        "incident.folder.away",
        "incident.folder.failing",
        "incident.place.unreachable",
        "incident.sftp.unreachable",
    }
)


def can_end_by_itself(code: str) -> bool:
    """Whether a flow that is suspended for a reason runs all the same, to see whether what was away is back."""
    return code == LOST


def note_away(journal: Journal, flow: Flow, side: Side, error: TransientError, now: datetime) -> None:
    """Note since when a side is away. Raises FlowError when that is longer than the settings allow."""
    place = flow.source if side == "source" else flow.destination
    if error.code not in _AWAY or not isinstance(place, PlaceSettings):
        return
    since = journal.note_away(flow.name, side, now)
    if now - since >= timedelta(days=place.away_days):
        details = {**error.details, "days": str((now - since).days)}
        raise FlowError(LOST, **details) from None  # type: ignore[arg-type]  # details never name a batch


def note_back(journal: Journal, flow: str, sides: Collection[Side]) -> None:
    """Note that sides answered, and lift the suspension that came of their absence."""
    away = journal.list_away(flow)
    # First the suspension: what is killed in between finds the absence, and ends it at the next run. The other side may
    # be away as well: it has its own days.
    suspension = journal.find_suspension(flow) if away else None
    if suspension is not None and can_end_by_itself(suspension.code) and suspension.details.get("at_side") in sides:
        journal.resume(flow)
    for side in sides:
        if side in away:
            journal.note_back(flow, side)
            log("place_back", flow=flow)
