"""Corrects one quarantined row: seen under a grant, tried while it is written, kept as a draft, released in lots.

A grant covers one item, and of it one column or the whole row; it stands in the audit trail before anything is opened.
A draft holds what was changed and nothing else. Released, the rows take the path again with all others.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.engine.audit.revealing import audit_act, name_items, name_purposes, require_why
from passerelle.engine.log import log
from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, replay_items
from passerelle.engine.quarantine.replaying import read_cells
from passerelle.engine.quarantine.trying import RowVerdict, try_row
from passerelle.engine.quarantine.value_grants import GRANT_TIME
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.drafts import ItemDraft

RELEASED_AT_ONCE = 5_000
"""Drafts that one release takes along."""


@dataclass(frozen=True, slots=True)
class RowGrant:
    """Leave to see one quarantined row, or one column of it, until a moment."""

    item: int
    flow: str
    column: str
    """The only column; empty: the whole row."""
    why: str = field(repr=False)
    who: str = field(repr=False)
    begins: datetime
    ends: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether it holds at a moment; not before it was given, so that a clock set back prolongs nothing."""
        return self.begins <= now < self.ends


@dataclass(frozen=True, slots=True)
class RowCell:
    """One cell that a grant shows: as it came, and as the draft has it."""

    column: str
    text: str = field(repr=False)
    corrected: str = field(repr=False)


def grant_row(workspace: Workspace, item: int, *, is_whole: bool, why: str, who: str) -> RowGrant:
    """Allow somebody to see a row, or the column that it was set aside for. Nothing is opened yet.

    Raises UsageError for an item that waits no more, without a reason, or for a column where none is named.
    """
    rows = workspace.quarantine.list_rows(ids=(item,))
    if not rows:
        raise UsageError("usage.items.gone")
    column = "" if is_whole else rows[0].place.column
    if not column and not is_whole:
        raise UsageError("usage.items.columnless")
    now, flow = workspace.clock.now(), rows[0].flow
    purpose = name_purposes(workspace, [flow])
    act = "quarantine.reveal" if is_whole else "quarantine.grant"
    audit_act(workspace, act, name_items([item]), why=why, who=who, purpose=purpose)
    log("quarantine_revealed", count=1)
    return RowGrant(item, flow, column, why, who, now, now + GRANT_TIME)


def read_row(workspace: Workspace, grant: RowGrant) -> list[RowCell]:
    """Return the cells that a grant shows; none of a row that could not be read.

    Raises UsageError `usage.grant.over` when the time is over, `usage.items.gone` when the row waits no more.
    """
    cells, drafted = read_cells(_open_item(workspace, grant)), workspace.quarantine.open_draft(grant.item)
    return [
        RowCell(column, text or "", drafted.get(column, text or ""))
        for column, text in cells.items()
        if grant.column in ("", column)
    ]


def try_texts(workspace: Workspace, grant: RowGrant, texts: Mapping[str, str]) -> RowVerdict:
    """Return what would become of the row with some texts in place of its own. Columns that are not shown stay."""
    payload = _open_item(workspace, grant)
    cells = {**read_cells(payload), **workspace.quarantine.open_draft(grant.item), **_narrow(grant, payload, texts)}
    return try_row(workspace, grant.flow, grant.item, payload, cells)


def keep_draft(workspace: Workspace, grant: RowGrant, texts: Mapping[str, str], *, before: int) -> RowVerdict:
    """Keep texts as a draft in place of version `before`, and return what would become of the row.

    Raises UsageError `usage.draft.overtaken` when somebody changed it meanwhile, `usage.correction.nothing` when no
    text is another one.
    """
    payload = _open_item(workspace, grant)
    came = read_cells(payload)
    wanted = {**workspace.quarantine.open_draft(grant.item), **_narrow(grant, payload, texts)}
    # what is written as it came is no correction any more
    changed = {column: text for column, text in wanted.items() if text != (came.get(column) or "")}
    if not changed:
        raise UsageError("usage.correction.nothing")
    verdict = try_row(workspace, grant.flow, grant.item, payload, {**came, **changed})
    now, purpose = workspace.clock.now(), name_purposes(workspace, [grant.flow])
    audit_act(workspace, "quarantine.draft", name_items([grant.item]), why=grant.why, who=grant.who, purpose=purpose)
    if not workspace.quarantine.keep_draft(
        grant.item, changed, before=before, verdict=verdict.reason, who=grant.who, now=now
    ):
        raise UsageError("usage.draft.overtaken")
    return verdict


def release_drafts(
    workspace: Workspace, ids: Collection[int], *, why: str, who: str, four_eyes: bool = False
) -> dict[str, int]:
    """Register the drafts of some items for the next run, one parcel a flow; return counts by flow.

    Raises UsageError without a reason or a draft, and `usage.draft.own` where all are somebody's own and `four_eyes`
    asks for another person.
    """
    require_why(why)
    drafts = workspace.quarantine.list_drafts(ids=ids) if ids else ()
    if not drafts:
        raise UsageError("usage.items.gone")
    if four_eyes:
        drafts = tuple(draft for draft in drafts if draft.who != who)
        if not drafts:
            raise UsageError("usage.draft.own")
    by_flow: defaultdict[str, list[ItemDraft]] = defaultdict(list)
    for draft in drafts[:RELEASED_AT_ONCE]:
        by_flow[draft.flow].append(draft)
    counts: dict[str, int] = {}
    for flow, some in by_flow.items():
        items = [draft.item for draft in some]
        purpose = name_purposes(workspace, [flow])
        audit_act(workspace, "quarantine.correct", name_items(items), why=why, who=who, purpose=purpose)
        cells = {item: workspace.quarantine.open_draft(item) for item in items}
        counts |= replay_items(workspace, QuarantineSelection(tuple(items)), cells)
    return counts


def _open_item(workspace: Workspace, grant: RowGrant) -> bytes:
    if not grant.is_open(workspace.clock.now()):
        raise UsageError("usage.grant.over")
    if not workspace.quarantine.list_rows(ids=(grant.item,)):
        raise UsageError("usage.items.gone")
    return workspace.quarantine.open_payloads([grant.item])[grant.item]


def _narrow(grant: RowGrant, payload: bytes, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of columns that the grant shows and the row has: nothing else is changed."""
    known = read_cells(payload)
    return {column: text for column, text in texts.items() if column in known and grant.column in ("", column)}
