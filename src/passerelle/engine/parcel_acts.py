"""What a person decides about one parcel that stopped: drop it, or try it again. Both are audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from passerelle.engine.assembly import Workspace
    from passerelle.stores.books import ParcelRow

SHORTEST = 6
"""Hexadecimal digits that name a parcel at least; `status` shows twelve."""


@dataclass(frozen=True, slots=True)
class StoppedParcel:
    """A parcel that was chosen: its flow, and its whole digest."""

    flow: str
    digest: str


def drop_parcel(workspace: Workspace, flow: str, number: str, *, why: str, who: str) -> StoppedParcel:
    """Drop a parcel for good: it is not delivered, and its bytes go when those of a finished one would.

    What was settled of it stays in the books; records that it brought back from quarantine wait there again. Raises
    UsageError when there is no such parcel or it is finished, TransientError while a run works on the flow.
    """
    row = _find_parcel(workspace, flow, number)
    # under the flow's claim: a run must not lose the parcel from under its hands
    with workspace.journal.claim(flow):
        act = AuditEntry(0, workspace.clock.now(), "flow.drop", f"{flow} {row.digest}", why, who)
        if not workspace.journal.drop_parcel(flow, row.digest, act):
            raise UsageError("usage.parcel.finished", parcel=row.digest[:12])
    log("parcel_dropped", flow=flow, parcel=row.digest)
    return StoppedParcel(flow, row.digest)


def retry_parcel(workspace: Workspace, flow: str, number: str, *, who: str) -> StoppedParcel:
    """Let the next run take one parcel again that is parked, waits or was dropped. Raises UsageError for any other."""
    row = _find_parcel(workspace, flow, number)
    act = AuditEntry(0, workspace.clock.now(), "flow.retry", f"{flow} {row.digest}", "", who)
    if not workspace.journal.retry_parcel(flow, row.digest, act):
        raise UsageError("usage.parcel.finished", parcel=row.digest[:12])
    log("parcel_retried", flow=flow, parcel=row.digest)
    return StoppedParcel(flow, row.digest)


def _find_parcel(workspace: Workspace, flow: str, number: str) -> ParcelRow:
    """Return the one parcel of a flow whose digest begins so. Raises UsageError when there is none, or several."""
    rows = workspace.journal.list_parcels(flow)
    if not rows:
        workspace.settings.get_flow(flow)  # a flow that left the settings keeps its parcels: they can be dropped
    wanted = number.lower()
    found = [row for row in rows if len(wanted) >= SHORTEST and row.digest.startswith(wanted)]
    if len(found) != 1:
        raise UsageError("usage.parcel.unknown", flow=flow, least=str(SHORTEST))
    return found[0]
