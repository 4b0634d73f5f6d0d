"""Finds the references of a person or a professional, from the supplier's own id or from a row in quarantine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.engine.audit.revealing import audit_act, name_items, name_purposes
from passerelle.engine.persons.person_finding import SoughtPersons
from passerelle.engine.persons.subject_lookup import find_known_subjects, list_variants
from passerelle.engine.quarantine.quarantined_subjects import (
    count_items_naming,
    find_waiting_flows,
    list_item_subjects,
)
from passerelle.engine.workspace.assembly import list_recipient_names
from passerelle.engine.workspace.subject_references import find_systems, iter_subject_refs
from passerelle.stages.gate.subjects import SUBJECTS
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.ref_spelling import LOOSEST, normalise_ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.consents import RecordedStatement
    from passerelle.stores.person_readings import PersonReading


@dataclass(frozen=True, slots=True)
class FoundSubject:
    """A reference, and the flows in which it is known; in none, when it is only what the id would make."""

    ref: str = field(repr=False)
    flows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFlow:
    """What is known of somebody in one flow."""

    flow: str
    purpose: str
    """Empty for a flow that left the settings."""
    recipient: str
    has_own_record: bool
    """Whether the recipient has the record of this person; otherwise only records that name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSummary:
    """What is known of somebody here: where, how much, and what they said; no value."""

    flows: tuple[SubjectFlow, ...]
    waiting: dict[str, int]
    """Rows in quarantine that name them, by flow."""
    statements: tuple[RecordedStatement, ...] = field(repr=False)


def find_by_id(workspace: Workspace, typed: str, *, why: str, who: str, flow: str = "") -> list[FoundSubject]:
    """Return the known references that the supplier's own id makes, in any spelling; else all that it could make.

    Raises UsageError without a reason, and for an unknown flow.
    """
    names = [workspace.settings.get_flow(flow).name] if flow else list(workspace.settings.flows)
    audit_act(workspace, "person.find", typed, why=why, who=who, purpose=name_purposes(workspace, names))
    # `%` stands for itself in an id, and opens an encoding in a reference
    local = typed.strip().replace("%", "%25")
    made = [normalise_ref(f"{system}:{entity}:{local}") for system, entity in _list_prefixes(workspace, names)]
    spelled = [*made, *(variant for ref in made for variant in list_variants(ref, LOOSEST))]
    found = _look_up(workspace, dict.fromkeys(spelled))
    return found or [FoundSubject(ref, ()) for ref in made]


def find_by_item(workspace: Workspace, number: int, *, why: str, who: str) -> list[FoundSubject]:
    """Return the references that one row in quarantine names. Raises UsageError without a reason, or such a row."""
    rows = workspace.quarantine.list_rows(ids=(number,))
    if not rows:
        raise UsageError("usage.items.none")
    flow = rows[0].flow
    purpose = name_purposes(workspace, [flow])
    audit_act(workspace, "person.find", name_items([number]), why=why, who=who, purpose=purpose)
    named = list_item_subjects(workspace, flow, number)
    return [FoundSubject(ref, (flow,)) for ref in named]


def describe_subject(workspace: Workspace, ref: str) -> SubjectSummary:
    """Return what is known of somebody by a reference, without any value."""
    known = find_known_subjects(workspace, [ref], {}).flows.get(ref, frozenset())
    waiting = count_items_naming(workspace, ref)
    own = _find_own_records(workspace, ref)
    return SubjectSummary(
        flows=tuple(_describe_flow(workspace, flow, own) for flow in sorted(known | waiting.keys())),
        waiting=waiting,
        statements=tuple(workspace.consents.list_statements(ref, workspace.clock.now())),
    )


def _list_prefixes(workspace: Workspace, flows: Sequence[str]) -> list[tuple[str, str]]:
    """Return systems and entities of the references that these flows make, those of persons first."""
    used = dict.fromkeys(workspace.settings.flows[name].connector for name in flows)
    pairs = {
        (ref.system, ref.entity)
        for name in used
        if (found := workspace.plugins.get_connector(name)) is not None
        for ref in iter_subject_refs(found[1])
    }
    return sorted(pairs)


def _look_up(workspace: Workspace, refs: Iterable[str]) -> list[FoundSubject]:
    wanted = list(refs)
    known = find_known_subjects(workspace, wanted, {}).flows
    waiting = find_waiting_flows(workspace, wanted) if len(known) < len(wanted) else {}
    flows = {ref: known.get(ref, frozenset()) | waiting.get(ref, frozenset()) for ref in wanted}
    return [FoundSubject(ref, tuple(sorted(some))) for ref, some in flows.items() if some]


def _find_own_records(workspace: Workspace, ref: str) -> frozenset[str]:
    """Return the flows whose destination has the record of this person."""
    key = workspace.seal.pseudonymise("ref", ref)
    return frozenset(
        flow
        for flow, contract in workspace.journal.list_scopes()
        if contract.partition("/")[0] in SUBJECTS
        if workspace.journal.recall(flow, contract, key).there.any()
    )


def _describe_flow(workspace: Workspace, name: str, own: frozenset[str]) -> SubjectFlow:
    flow = workspace.settings.flows.get(name)
    return SubjectFlow(
        flow=name,
        purpose=flow.purpose.value if flow else "",
        recipient=list_recipient_names(flow)[-1] if flow else "",
        has_own_record=name in own,
    )


def find_readings(workspace: Workspace, ref: str) -> tuple[PersonReading, ...]:
    """Return who read records of somebody through the API, the earliest first, whichever way they are spelled."""
    rules = find_systems(workspace.settings, workspace.plugins).rules
    return workspace.api.list_readings(tuple(SoughtPersons.of([ref], rules).forms))
