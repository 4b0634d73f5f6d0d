"""Takes records about persons off the shelves of flows, whatever recipients can do, and leaves readers a word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.canonical import parse
from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.engine.workspace.assembly import may_object
from passerelle.stages.gate.subjects import find_subject_fields, list_subject_refs, mark_named
from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.consents import ChangedAnswers
    from passerelle.vocabulary.shelf import RemovalCause, ShelfScope

_AT_ONCE = 4_000
"""Changes in memory at a time."""


def take_off_shelves(
    workspace: Workspace,
    records: Mapping[tuple[str, str], Collection[str]],
    forms: Collection[str],
    cause: RemovalCause,
    flows: Collection[str] | None = None,
) -> int:
    """Take records, by flow and contract, and whatever is named by `forms`, off the shelves; return how many.

    `flows`: off these alone; None: off all of them. Done again, it finds what an earlier call left.
    """
    by_flow: dict[str, dict[str, set[str]]] = {}
    for scope in workspace.shelf.list_scopes():
        if flows is None or scope.flow in flows:
            refs = {*records.get((scope.flow, scope.contract), ()), *forms}
            by_flow.setdefault(scope.flow, {})[scope.contract] = refs
    now = workspace.clock.now()
    count = sum(workspace.shelf.remove(flow, refs, cause, now) for flow, refs in sorted(by_flow.items()))
    hit_failpoint("person.shelved")
    return count


def renew_on_shelves(workspace: Workspace) -> int:
    """Bring followers of the shelves by the records that name who answered, or whose answer ended; return how many.

    What of them each may read is found when it is read: a refusal is told as a removal, and an acceptance brings back
    what it had withheld. Everybody counts whom a record names, professionals too: the shelf itself is looked through.
    What is cut off, or meets a shelf that does not open, is due again at the next run.
    """
    changed = workspace.consents.find_changed(workspace.clock.now())
    if not changed.numbers and not changed.goes_back:
        return 0
    count = 0
    for scope in workspace.shelf.list_scopes() if changed.numbers else ():
        refs = _find_naming(workspace, scope, changed)
        count += workspace.shelf.renew(scope.flow, {scope.contract: refs}) if refs else 0
    workspace.consents.keep_mark(changed)
    return count


def renew_under_rules(workspace: Workspace, reader: str) -> int:
    """Bring followers by the records of each flow whose rule of consent changed in the settings; return how many.

    `reader`: what kind of process reads, a run or a server: each may have read the settings at another time, and what
    went out under the older rule is told anew. What nobody noted yet is noted. Cut off, it is due again.
    """
    flows = workspace.settings.flows
    rules = {name: f"{flow.consent} {may_object(flow)}" for name, flow in flows.items() if flow.shelf_days is not None}
    noted = workspace.api.list_rules(reader)
    fresh = {name: rule for name, rule in rules.items() if noted.get(name) != rule}
    if not fresh:
        return 0
    scopes = [scope for scope in workspace.shelf.list_scopes() if scope.flow in fresh and scope.flow in noted]
    count = sum(_renew_all(workspace, scope) for scope in scopes)
    hit_failpoint("person.shelved")
    workspace.api.keep_rules(reader, fresh)
    return count


def _renew_all(workspace: Workspace, scope: ShelfScope) -> int:
    """Renew the numbers of all records of a shelf that may be withheld for who is named, or for naming nobody."""
    if not find_subject_fields(contracts.get(scope.contract)).all or Purpose(scope.purpose) in FIGURES:
        return 0
    count = after = 0
    while after < scope.last and (changes := workspace.shelf.read_changes(scope, after, _AT_ONCE, begun=scope.last)):
        after = changes[-1].number
        # what was renewed just now stands behind what was last
        refs = {one.ref for one in changes if one.record is not None and one.number <= scope.last}
        count += workspace.shelf.renew(scope.flow, {scope.contract: refs}) if refs else 0
    return count


def _find_naming(workspace: Workspace, scope: ShelfScope, changed: ChangedAnswers) -> set[str]:
    """Return the records of a shelf that name who made one of these statements. Raises ParcelError for a damaged one.

    Records of figures name nobody.
    """
    contract, found, after = contracts.get(scope.contract), set[str](), 0
    names = find_subject_fields(contract).all
    if not names or Purpose(scope.purpose) in FIGURES:
        return found
    while after < scope.last and (changes := workspace.shelf.read_changes(scope, after, _AT_ONCE, begun=scope.last)):
        after = changes[-1].number
        lines = [change.record for change in changes if change.record is not None]
        frame = parse(lines, contract, is_own=True)
        subjects = workspace.consents.find_changed_subjects(list_subject_refs(frame, names), changed)
        for name in names if subjects else ():
            found.update(frame.filter(mark_named(frame, name, subjects)).get_column("ref"))
    return found
