"""Takes records about persons off the shelves of flows, whatever recipients can do, and leaves readers a word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.shelf import RemovalCause


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


def renew_on_shelves(workspace: Workspace, forms: Collection[str]) -> int:
    """Bring followers of the shelves by the records about persons again, whose answer changed; return how many.

    What of them each may read is found when it is read: a refusal is told as a removal, and an acceptance brings back
    what it had withheld.
    """
    scopes = workspace.shelf.list_scopes()
    about = workspace.journal.find_records_about(tuple(forms)) if scopes else {}
    count = 0
    for scope in scopes:
        frame = about.get((scope.flow, scope.contract))
        refs = {*forms, *([] if frame is None else frame.get_column("ref").to_list())}
        count += workspace.shelf.renew(scope.flow, {scope.contract: refs})
    return count
