"""Shows the distinct texts of one column of one cause, for some minutes, and corrects each of them once.

A grant is asked for with a reason, which is in the audit trail before anything is opened. It covers the records that
waited then, and the one column that their cause names: no other cell is returned, and none is changed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.audit.revealing import audit_act, name_items, name_purposes
from passerelle.engine.log import log
from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, replay_items
from passerelle.engine.quarantine.replaying import read_cells
from passerelle.engine.quarantine.trying import PileVerdict, WrittenRow, try_piles
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.quarantine_causes import QuarantineCause

GRANT_TIME = timedelta(minutes=10)
MOST_ITEMS = 5_000
"""Records that one grant covers: each is opened for a page. What waits beyond them needs another grant, afterwards."""


@dataclass(frozen=True, slots=True)
class ValueGrant:
    """Leave to see one column of some quarantined records, until a moment."""

    cause: QuarantineCause
    items: tuple[int, ...]
    why: str = field(repr=False)
    who: str = field(repr=False)
    begins: datetime
    ends: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether it holds at a moment; not before it was given, so that a clock set back prolongs nothing."""
        return self.begins <= now < self.ends


@dataclass(frozen=True, slots=True)
class DistinctValue:
    """One text of the column, and the records that hold it."""

    key: str
    """A keyed digest: a form can name the text without holding it."""
    text: str = field(repr=False)
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ValueVerdict:
    """What would become of the records of one distinct text, if another stood in its place."""

    text: str = field(repr=False)
    """The other one."""
    verdict: PileVerdict


def grant_values(workspace: Workspace, cause_id: int, *, why: str, who: str) -> ValueGrant:
    """Allow somebody to see the column of a cause, and write it into the audit trail. Nothing is opened yet.

    Raises UsageError for an unknown cause, one that names no column, one of which nothing waits, or without a reason.
    """
    cause = workspace.quarantine.find_cause(cause_id)
    items = workspace.quarantine.list_cause_ids(cause_id, limit=MOST_ITEMS)
    if cause is None or not items:
        raise UsageError("usage.items.gone")
    if not cause.column:
        raise UsageError("usage.items.columnless")
    now = workspace.clock.now()
    purpose = name_purposes(workspace, [cause.flow])
    audit_act(workspace, "quarantine.grant", name_items(items), why=why, who=who, purpose=purpose)
    log("quarantine_revealed", count=len(items))
    return ValueGrant(cause, items, why, who, now, now + GRANT_TIME)


def list_values(workspace: Workspace, grant: ValueGrant) -> list[DistinctValue]:
    """Return the distinct texts of a grant's column, the most frequent first.

    Records that were decided since are left out, and so are those without that cell. Raises UsageError
    `usage.grant.over` when the time is over.
    """
    if not grant.is_open(workspace.clock.now()):
        raise UsageError("usage.grant.over")
    holders: defaultdict[str, list[int]] = defaultdict(list)
    waiting = {row.id for row in workspace.quarantine.list_rows(ids=grant.items)}
    for item, payload in workspace.quarantine.open_payloads(waiting).items():
        text = read_cells(payload).get(grant.cause.column)
        if text is not None:
            holders[text].append(item)
    values = [DistinctValue(_compute_key(workspace, text), text, tuple(items)) for text, items in holders.items()]
    return sorted(values, key=lambda value: (-len(value.items), value.text))


def try_values(workspace: Workspace, grant: ValueGrant, texts: Mapping[str, str]) -> list[ValueVerdict]:
    """Return what a run would make of the records whose texts are replaced, text by text; nothing is kept.

    Texts that are none of another are left out. Raises UsageError `usage.grant.over`, and what opening the flow raises.
    """
    values = [value for value in list_values(workspace, grant) if texts.get(value.key, value.text) != value.text]
    column = grant.cause.column

    def write_rows(value: DistinctValue) -> list[WrittenRow]:
        payloads = workspace.quarantine.open_payloads(value.items)
        text = texts[value.key]
        return [WrittenRow(item, content, {**read_cells(content), column: text}) for item, content in payloads.items()]

    verdicts = try_piles(workspace, grant.cause.flow, map(write_rows, values))
    return [ValueVerdict(texts[value.key], verdict) for value, verdict in zip(values, verdicts, strict=True)]


def correct_values(workspace: Workspace, grant: ValueGrant, texts: Mapping[str, str]) -> int:
    """Replace distinct texts of a grant's column, by key, and register their records for the next run.

    Returns how many records. Audited like the grant, with its reason. Raises UsageError `usage.grant.over`, or
    `usage.correction.nothing` when no text is another one.
    """
    values = [value for value in list_values(workspace, grant) if texts.get(value.key, value.text) != value.text]
    cells = {item: {grant.cause.column: texts[value.key]} for value in values for item in value.items}
    if not cells:
        raise UsageError("usage.correction.nothing")
    purpose = name_purposes(workspace, [grant.cause.flow])
    audit_act(workspace, "quarantine.correct", name_items(cells), why=grant.why, who=grant.who, purpose=purpose)
    return sum(replay_items(workspace, QuarantineSelection(tuple(cells)), cells).values())


def replay_cause(workspace: Workspace, cause_id: int, *, who: str, why: str) -> int:
    """Register the records of a cause as they are, at most `MOST_ITEMS` of them; return how many.

    Raises UsageError when none waits, none can be replayed, or without a reason.
    """
    items = workspace.quarantine.list_cause_ids(cause_id, limit=MOST_ITEMS)
    cause = workspace.quarantine.find_cause(cause_id)
    if cause is None or not items:
        raise UsageError("usage.items.gone")
    purpose = name_purposes(workspace, [cause.flow])
    audit_act(workspace, "quarantine.replay", name_items(items), why=why, who=who, purpose=purpose)
    return sum(replay_items(workspace, QuarantineSelection(items)).values())


def _compute_key(workspace: Workspace, text: str) -> str:
    # surrogates that a supplier escaped alone have no UTF-8, and are texts all the same
    return workspace.seal.compute_mac("distinct value", text.encode("utf-8", "surrogatepass")).hex()[:32]
