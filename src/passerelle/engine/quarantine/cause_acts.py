"""Acts on a whole cause of the quarantine: somebody follows it and notes what for; its records are destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, discard_items
from passerelle.engine.quarantine.value_grants import MOST_ITEMS
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace

LONGEST_NOTE = 1_000
"""Characters of a note."""


def follow_cause(workspace: Workspace, cause: int, *, assignee: str, note: str, before: int, who: str) -> None:
    """Keep who follows a cause and a note, in place of version `before`; empty texts are nobody and nothing.

    Raises UsageError `usage.note.long`, or `usage.note.overtaken` when somebody was faster or nothing waits any more.
    """
    if len(note) > LONGEST_NOTE:
        raise UsageError("usage.note.long", most=str(LONGEST_NOTE))
    now = workspace.clock.now()
    if not workspace.quarantine.keep_cause_note(cause, assignee=assignee, note=note, before=before, who=who, now=now):
        raise UsageError("usage.note.overtaken")


def discard_cause(workspace: Workspace, cause: int, *, last: int, why: str, who: str) -> int:
    """Destroy the waiting records of a cause for good, up to the number `last` that was seen; return how many.

    What came since stays. Raises UsageError without a reason, and `usage.items.gone` when none waits.
    """
    ids = tuple(item for item in workspace.quarantine.list_cause_ids(cause, limit=MOST_ITEMS) if item <= last)
    if not ids:
        raise UsageError("usage.items.gone")
    return discard_items(workspace, QuarantineSelection(ids), why=why, who=who)
