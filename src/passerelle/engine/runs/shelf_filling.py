"""Fills the shelf of a flow with what it delivered before it had one, from the received files that are still kept.

Nothing is delivered. A file goes down the path again, through the gate as it is today; what comes out as the
destination has it goes on the shelf, unless it is there already. Killed and begun again, it goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.engine.path.batch_stream import prepare_batches
from passerelle.engine.records.present_states import find_present_states
from passerelle.engine.runs.housekeeping import DAMAGED
from passerelle.stores.parcels import LOOK, WITHDRAWN, ParcelState
from passerelle.vocabulary.errors import ParcelError, UsageError
from passerelle.vocabulary.parcels import Parcel

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.stores.books import ParcelRow


@dataclass(frozen=True, slots=True)
class FilledShelf:
    """What filling a shelf did."""

    flow: str
    parcels: int
    """Received files that were read again."""
    gone: int
    """Files of which the bytes are kept no more, or that open no more."""
    records: int
    """Records that were put on the shelf."""
    since: datetime | None
    """From when on every file is there; None when none is."""


def fill_shelf(workspace: Workspace, name: str, *, who: str) -> FilledShelf:
    """Fill the shelf of a flow as far as received files are kept.

    Raises UsageError for an unknown flow or one without a shelf, TransientError while another process runs it.
    """
    days = _get_days(workspace, name)
    now = workspace.clock.now()
    oldest = now - timedelta(days=days)
    with workspace.journal.claim(name), workspace.open_flow(name) as open_flow:
        done = [row for row in workspace.journal.list_parcels(name) if row.state == ParcelState.DONE]
        rows = [row for row in done if row.kind not in (LOOK, WITHDRAWN) and row.received_at >= oldest]
        parcels = records = 0
        since: datetime | None = None
        # the latest first: most states that count are in it, and `since` goes back as far as nothing is missing
        is_gapless = True
        for row in reversed(rows):
            count = _fill_from(workspace, open_flow, row, now)
            if count is None:
                is_gapless = False
                continue
            parcels, records = parcels + 1, records + count
            since = row.received_at if is_gapless else since
        if since is not None:
            workspace.shelf.note_since(name, since)
    workspace.journal.append_audit("shelf.fill", name, "", now, who)
    log("shelf_filled", flow=name, count=records)
    return FilledShelf(name, parcels, len(rows) - parcels, records, since)


def empty_shelf(workspace: Workspace, name: str, *, who: str) -> int:
    """Take everything of a flow off the shelf, and return how many records were there; who reads begins anew."""
    flow = workspace.settings.get_flow(name)
    with workspace.journal.claim(flow.name):
        count = workspace.shelf.empty(flow.name)
    workspace.journal.clear_notice(flow.name, DAMAGED)
    workspace.journal.append_audit("shelf.empty", flow.name, "", workspace.clock.now(), who)
    log("shelf_emptied", flow=flow.name, count=count)
    return count


def _get_days(workspace: Workspace, name: str) -> int:
    flow = workspace.settings.get_flow(name)
    if flow.shelf_days is None:
        shelved = (one.name for one in workspace.settings.flows.values() if one.shelf_days is not None)
        raise UsageError("usage.shelf.none", flow=flow.name, known=", ".join(shelved) or "–")
    return flow.shelf_days


def _fill_from(workspace: Workspace, open_flow: OpenFlow, row: ParcelRow, now: datetime) -> int | None:
    """Fill the shelf from one received file; return how many records it gave, None when it is not to be read."""
    if not workspace.depot.has(row.digest):
        return None
    policy, blocks, count = open_flow.policy, open_flow.blocks, 0
    digest, _dash, nth = row.key.partition("-")
    parcel = Parcel(
        digest, row.flow, row.size, row.received_at, "", blocks.bytes, blocks.rows, int(nth or 1), outside=row.outside
    )
    try:
        with workspace.depot.open(row.digest) as stream:
            dialect = open_flow.connector.dialect
            for batch in prepare_batches(stream, dialect, policy, blocks=blocks, kind=row.kind):
                table = batch.decoded.table
                for records in policy.adapt(batch.records, table):
                    if records.frame.height:
                        entries = find_present_states(records, table, parcel, open_flow.known_records)
                        count += workspace.shelf.fill(row.flow, entries, now) if len(entries) else 0
    except ParcelError:
        return None
    return count
