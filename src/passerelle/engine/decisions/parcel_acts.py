"""What a person decides about one parcel that stopped: drop it, or try it again. Both are audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.parcels import shorten_key

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.books import ParcelRow

_SHORTEST = 6
"""Hexadecimal digits that name a parcel at least; `status` shows twelve."""


@dataclass(frozen=True, slots=True)
class StoppedParcel:
    """A parcel that was chosen: its flow, and its whole key."""

    flow: str
    key: str


def drop_parcel(workspace: Workspace, flow: str, number: str, *, why: str, who: str) -> StoppedParcel:
    """Drop a parcel for good: it is not delivered, and its bytes go when those of a finished one would.

    What was settled of it stays in the books; records that it brought back from quarantine wait there again. Raises
    UsageError when there is no such parcel or it is finished, TransientError while a run works on the flow.
    """
    row = _find_parcel(workspace, flow, number)
    # under the flow's claim: a run must not lose the parcel from under its hands
    with workspace.journal.claim(flow):
        act = AuditEntry(0, workspace.clock.now(), "flow.drop", f"{flow} {row.key}", why, who)
        if not workspace.journal.drop_parcel(flow, row.key, act):
            raise UsageError("usage.parcel.finished", parcel=shorten_key(row.key))
    log("parcel_dropped", flow=flow, parcel=row.key)
    return StoppedParcel(flow, row.key)


def retry_parcel(workspace: Workspace, flow: str, number: str, *, who: str) -> StoppedParcel:
    """Let the next run take one parcel again that is parked, waits or was dropped. Raises UsageError for any other."""
    row = _find_parcel(workspace, flow, number)
    act = AuditEntry(0, workspace.clock.now(), "flow.retry", f"{flow} {row.key}", "", who)
    if not workspace.journal.retry_parcel(flow, row.key, act):
        raise UsageError("usage.parcel.finished", parcel=shorten_key(row.key))
    log("parcel_retried", flow=flow, parcel=row.key)
    return StoppedParcel(flow, row.key)


def _find_parcel(workspace: Workspace, flow: str, number: str) -> ParcelRow:
    """Return the one parcel of a flow that is named so. Raises UsageError when there is none, or several.

    A number is the beginning of a digest, followed by «-2» and so on where the same bytes arrived before; without it,
    the one that is not finished is meant, or the only one.
    """
    rows = workspace.journal.list_parcels(flow)
    if not rows:
        workspace.settings.get_flow(flow)  # a flow that left the settings keeps its parcels: they can be dropped
    start, dash, occurrence = number.lower().partition("-")
    alike = [row for row in rows if len(start) >= _SHORTEST and row.is_named(start)]
    named = [row for row in alike if row.key.partition("-")[2] == occurrence] if dash else alike
    unfinished = [row for row in named if row.state not in ("done", "dropped")]
    found = named if len(named) == 1 else unfinished
    if len(found) != 1:
        raise UsageError("usage.parcel.unknown", flow=flow, parcel=number)
    return found[0]
