"""The weighed plan and the differences of a change of supplier, kept in the journal: any process shows the same.

One of each is kept for a change, sealed, without a value or a reference of a record; tidying forgets them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from passerelle.stores.switch_findings import DIFFERENCES, WEIGHED
from passerelle.switching.compare.side_comparison import ExpectedLoss, RecordTally, SideComparison
from passerelle.switching.compare.side_findings import RecordPlace, SideFinding
from passerelle.switching.compare.similarity import PersonProposal
from passerelle.switching.compare.totals import ContractSums, iter_differing_cells
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.left_behind import LeftBehind, LeftKind
from passerelle.switching.plan.field_places import FieldPlace
from passerelle.switching.plan.planning import ContractPlan, FieldPlan, LinkPlan, MovePlan, MoveVerdict, UnreadPlan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.engine.workspace.assembly import Workspace

_SHAPES: Mapping[str, Any] = {
    shape.__name__: shape
    for shape in (
        *(ContractPlan, FieldPlace, FieldPlan, LinkPlan, MovePlan, UnreadPlan, LeftBehind),
        *(ContractSums, ExpectedLoss, RecordPlace, RecordTally, SideComparison, SideFinding),
    )
}
_WORDS: Mapping[str, Any] = {kind.__name__: kind for kind in (DifferenceKind, LeftKind, MoveVerdict)}
_SOMEBODY = PersonProposal(0.0, RecordPlace(0, "", 0), RecordPlace(0, "", 0), "", "")
"""In place of each pair of persons: how many there are is kept, who they are is not."""


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan that was weighed by the exports."""

    plan: MovePlan
    unweighed: str
    """The digest of the plan that the descriptions and the decisions of that day made, without the exports."""
    who: str
    at: datetime

    def is_about(self, plan: MovePlan) -> bool:
        """Whether descriptions and decisions that make this plan, without the exports, are those of that day."""
        return self.unweighed == _digest_plan(plan)


@dataclass(frozen=True, slots=True)
class KeptDifferences:
    """What the latest comparison of both sides found."""

    comparison: SideComparison
    who: str
    at: datetime


def keep_plan(workspace: Workspace, name: str, plan: MovePlan, unweighed: MovePlan, *, who: str) -> None:
    """Keep a weighed plan, in place of the one before, and of which plan without weights it is."""
    content = {"plan": write_shape(plan), "unweighed": _digest_plan(unweighed)}
    workspace.journal.replace_switch_finding(name, WEIGHED, content, who=who, now=workspace.clock.now())


def read_plan(workspace: Workspace, name: str) -> KeptPlan | None:
    """Return the plan that was weighed last; None where there is none, or another edition wrote it."""
    for one in workspace.journal.list_switch_findings(name, WEIGHED, limit=1):
        plan = _read_whole(one.content.get("plan"))
        if isinstance(plan, MovePlan):
            return KeptPlan(plan, one.content.get("unweighed", ""), one.who, one.at)
    return None


def _digest_plan(plan: MovePlan) -> str:
    return hashlib.sha256(json.dumps(write_shape(plan)).encode()).hexdigest()


def keep_differences(workspace: Workspace, name: str, comparison: SideComparison, *, who: str) -> None:
    """Keep what a comparison found, in place of the one before."""
    content = {"comparison": write_shape(_strip(comparison)), "proposals": len(comparison.proposals)}
    workspace.journal.replace_switch_finding(name, DIFFERENCES, content, who=who, now=workspace.clock.now())


def read_differences(workspace: Workspace, name: str) -> KeptDifferences | None:
    """Return what the latest comparison found; None where there is none, or another edition wrote it."""
    for one in workspace.journal.list_switch_findings(name, DIFFERENCES, limit=1):
        comparison = _read_whole(one.content.get("comparison"))
        if isinstance(comparison, SideComparison):
            comparison.proposals = [_SOMEBODY] * one.content["proposals"]
            return KeptDifferences(comparison, one.who, one.at)
    return None


def _strip(comparison: SideComparison) -> SideComparison:
    """Return what reports show of a comparison: no value, no reference, no pseudonym, no name of a file."""
    first = {
        group: [replace(one, records=(), before=(), after=()) for one in findings]
        for group, findings in comparison.first.items()
    }
    origin, target = map(_strip_manifest, (comparison.origin, comparison.target))
    sums = {contract: _strip_sums(*sides) for contract, sides in comparison.sums.items()}
    return replace(comparison, origin=origin, target=target, first=first, sums=sums, proposals=[])


def _strip_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    files = [{key: entry[key] for key in ("number", "reader", "sha256")} for entry in manifest["files"]]
    return {"side": manifest["side"], "files": files, "balance": dict(manifest["balance"])}


def _strip_sums(origin: ContractSums, target: ContractSums) -> tuple[ContractSums, ContractSums]:
    """Return the sums in which both sides differ: nobody is shown the others."""
    cells = list(iter_differing_cells(origin, target))
    return (
        ContractSums(Counter({cell: before for cell, before, _after in cells})),
        ContractSums(Counter({cell: after for cell, _before, after in cells})),
    )


def write_shape(value: Any) -> Any:
    """Return a plan, a comparison or a part of one as JSON."""
    if isinstance(value, StrEnum):
        return {"word": type(value).__name__, "is": value.value}
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list):
        return [write_shape(one) for one in value]
    if isinstance(value, tuple):
        return {"tuple": [write_shape(one) for one in value]}
    if is_dataclass(value):
        parts = {one.name: write_shape(getattr(value, one.name)) for one in fields(value)}
        return {"shape": type(value).__name__, "parts": parts}
    # a mapping: JSON knows no other keys than texts, and these are also kinds and places
    return {"pairs": [[write_shape(key), write_shape(one)] for key, one in value.items()]}


def read_shape(content: Any) -> Any:
    """Return what was written. Raises KeyError, TypeError or ValueError for what this edition does not write."""
    if isinstance(content, list):
        return [read_shape(one) for one in content]
    if not isinstance(content, dict):
        return content
    if "word" in content:
        return _WORDS[content["word"]](content["is"])
    if "tuple" in content:
        return tuple(map(read_shape, content["tuple"]))
    if "shape" in content:
        return _SHAPES[content["shape"]](**{name: read_shape(one) for name, one in content["parts"].items()})
    return {read_shape(key): read_shape(one) for key, one in content["pairs"]}


def _read_whole(content: Any) -> Any:
    """Return what was written; None for what another edition wrote."""
    try:
        return read_shape(content)
    except (KeyError, TypeError, ValueError):
        return None
