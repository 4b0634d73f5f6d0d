"""Looks up whom the journal knows by references that somebody typed, and who only looks alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from passerelle.engine.records.subject_memory import LIKENESS, SUBJECT
from passerelle.vocabulary.ref_spelling import LOOSEST, SpellingRule, list_spellings, normalise_ref

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.workspace.assembly import Workspace

_OWN_RECORDS = ("person/1", "related_contact/1", "professional/1")
"""Contracts whose records are somebody: known from earlier versions, which remembered nobody else."""
_MOST_DIGITS = 12
"""Length up to which an id is tried with zeros before it."""


@dataclass(frozen=True, slots=True)
class SubjectKnowledge:
    """What the journal knows of references that somebody typed."""

    flows: Mapping[str, frozenset[str]] = field(repr=False)
    """By reference, the flows in which it is known; absent when it is not."""
    by_rule: frozenset[str] = field(repr=False)
    """Those that are known in another spelling, which the supplier holds to be the same."""
    alike: frozenset[str] = field(repr=False)
    """Those that are not known, while one is known that looks like them."""


def find_known_subjects(
    workspace: Workspace, refs: Sequence[str], rules: Mapping[str, SpellingRule]
) -> SubjectKnowledge:
    """Look references up in all flows, those that left the settings too."""
    flows: dict[str, set[str]] = {}
    by_rule: set[str] = set()
    for ref, found in _recall(workspace, "ref", {ref: list_spellings(ref) for ref in refs}).items():
        flows.setdefault(ref, set()).update(found)
    ruled = {ref: list_variants(ref, rule) for ref in refs if (rule := rules.get(ref.partition(":")[0])) is not None}
    for ref, found in _recall(workspace, "ref", ruled).items():
        by_rule |= {ref} - flows.keys()
        flows.setdefault(ref, set()).update(found)
    likely = {ref: (normalise_ref(ref, LOOSEST),) for ref in refs if ref not in flows}
    alike = _recall(workspace, "likeness", likely)
    for ref in [ref for ref in alike if rules.get(ref.partition(":")[0]) == LOOSEST]:
        by_rule.add(ref)
        flows[ref] = set(alike.pop(ref))
    return SubjectKnowledge({ref: frozenset(some) for ref, some in flows.items()}, frozenset(by_rule), frozenset(alike))


def _recall(workspace: Workspace, label: str, spellings: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """Return, by reference, the flows that know one of its spellings."""
    pairs = [(ref, spelling) for ref, some in spellings.items() for spelling in some]
    if not pairs:
        return {}
    keys = b"".join(workspace.seal.pseudonymise_each(label, [spelling for _ref, spelling in pairs]))
    found: dict[str, set[str]] = {}
    wanted = (SUBJECT, *_OWN_RECORDS) if label == "ref" else (LIKENESS,)
    for flow, contract in workspace.journal.list_scopes():
        if contract in wanted:
            for place in np.flatnonzero(workspace.journal.recall(flow, contract, keys).versions):
                found.setdefault(pairs[place][0], set()).add(flow)
    return found


def list_variants(ref: str, rule: SpellingRule) -> list[str]:
    """Return spellings that a rule holds to be the same, as suppliers write them: none other is remembered whole."""
    system, entity, local = normalise_ref(ref, rule).split(":", 2)
    locals_ = [local]
    if rule.ignores_zeros:
        locals_ += [local.zfill(size) for size in range(len(local) + 1, _MOST_DIGITS + 1)]
    if rule.ignores_case:
        locals_ += [text.upper() for text in locals_]
    return [f"{system}:{entity}:{text}" for text in locals_]
