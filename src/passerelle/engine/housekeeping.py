"""Removes what is no longer needed: received bytes after a while, quarantined records when they expire."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.log import log

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.engine.assembly import Workspace


def tidy(workspace: Workspace) -> None:
    """Expire quarantine and depot. Called at the end of each run; stopping half-way does no harm.

    Of a parcel whose bytes are gone the journal keeps digests and counts.
    """
    now = workspace.clock.now()
    expired = workspace.quarantine.expire(now)
    kept = timedelta(days=workspace.settings.received_days)
    workspace.journal.forget_unseen_marks(kept)
    removed = 0
    for digest in workspace.journal.list_closed_before(now - kept):
        if workspace.depot.has(digest):
            workspace.depot.remove(digest)
            removed += 1
    workspace.depot.sweep(now)
    _tidy_wholes(workspace, now)
    if expired or removed:
        log("tidied", expired=expired, removed=removed)


def _tidy_wholes(workspace: Workspace, now: datetime) -> None:
    """Forget the lists of flows that are no longer in the settings, and lists that nothing renewed for too long."""
    journal, wholes = workspace.journal, workspace.wholes
    oldest = now - timedelta(days=workspace.settings.retention_days)
    named = set()
    for row in journal.list_whole_lists():
        if row.flow in workspace.settings.flows and row.made_at >= oldest:
            named.add(row.digest)
        else:
            journal.forget_whole_list(row.flow)
            wholes.remove(row.digest)
    wholes.sweep(now)
    wholes.sweep_unnamed(named, now)
