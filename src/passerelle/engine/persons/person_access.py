"""Answers a request for access (RGPD 15): all that is held of one person, where it goes, what they said, what was done.

The act stands in the audit trail before anything is opened. Persons are followed as an erasure follows them: what this
answer shows is what an erasure reaches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import DataSubject
from passerelle.engine.audit.revealing import audit_act, name_items, name_purposes
from passerelle.engine.log import log
from passerelle.engine.persons.person_finding import SoughtPersons, find_traces
from passerelle.engine.persons.person_recipients import list_transfers
from passerelle.engine.persons.person_records import RecordGatherer, sort_records
from passerelle.engine.persons.subject_lookup import find_known_subjects
from passerelle.engine.settings.processing_settings import describe_columns
from passerelle.engine.workspace.subject_references import find_systems
from passerelle.stores.parcels import LOOK, WITHDRAWN, ParcelState
from passerelle.stores.settlement import QuarantineState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from passerelle.contracts.processing import Controller
    from passerelle.engine.persons.person_finding import PersonTraces
    from passerelle.engine.persons.person_recipients import PersonTransfer
    from passerelle.engine.persons.person_records import PersonRecord
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.consents import RecordedStatement
    from passerelle.stores.trail import AuditEntry

EXPORT = "person.export"
_OTHERS_ANSWER = "gate.consent.others"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A row in quarantine about the person."""

    number: int
    flow: str
    contract: str
    """Empty where the row could not be read far enough to know."""
    reason: str
    details: Mapping[str, str]
    since: datetime
    until: datetime
    """When it is destroyed unless somebody acts."""
    is_readable: bool
    """Whether its record is among those shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """A received file that holds the person, or may."""

    flow: str
    received_at: datetime
    until: datetime | None
    """When its bytes are removed; None while a flow still needs it."""
    is_readable: bool
    """Whether rows of theirs were read; else they were only found by their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAct:
    """An act about the person, as the audit trail has it: what and when, not by whom."""

    action: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAccess:
    """The whole answer to one request."""

    ref: str = field(repr=False)
    asker: DataSubject
    made_at: datetime
    controller: Controller
    records: tuple[PersonRecord, ...] = field(repr=False)
    transfers: tuple[PersonTransfer, ...]
    waiting: tuple[WaitingRow, ...]
    files: tuple[HeldFile, ...]
    lost_flows: tuple[str, ...]
    """Flows that left the settings and whose files are still kept: nothing says how to read them."""
    statements: tuple[RecordedStatement, ...] = field(repr=False)
    acts: tuple[RecordedAct, ...]
    days: Mapping[str, int]
    """How long things are kept here, by what: `received`, `quarantine`, `known`."""
    is_known: bool
    """Whether anything at all is held, but for this request."""

    @property
    def own_records(self) -> tuple[PersonRecord, ...]:
        """Return the records of which the asker reads something."""
        return tuple(record for record in self.records if any(state.values for state in record.states))


def answer_access(workspace: Workspace, ref: str, *, why: str, who: str) -> PersonAccess:
    """Gather the answer for one reference. Raises UsageError without a reason; minutes, where many files are kept."""
    settings = workspace.settings
    past = workspace.journal.list_audit_entries()
    audit_act(workspace, EXPORT, ref, why=why, who=who, purpose=name_purposes(workspace, settings.flows))
    rules = find_systems(settings, workspace.plugins).rules
    persons = SoughtPersons.of([ref], rules)
    columns = {name: describe_columns(flow.deliver_extra) for name, flow in settings.flows.items()}
    gatherer = RecordGatherer.of(persons, ref, columns)
    traces = find_traces(workspace, persons, gatherer)
    # of a professional, the rows that only name them: they are about others
    traces.items.update(item for record in gatherer.records.values() for item in record.items)
    statements = tuple(workspace.consents.list_statements(ref, workspace.clock.now()))
    acts = _list_acts(past, persons.forms.keys(), traces.items)
    flows = {flow for flow, _contract in traces.records} | find_known_subjects(workspace, [ref], rules).flows.get(
        ref, frozenset()
    )
    flows.update(flow for record in gatherer.records.values() for flow in record.flows)
    log("person_exported", count=len(gatherer.records))
    return PersonAccess(
        ref=ref,
        asker=gatherer.asker,
        made_at=workspace.clock.now(),
        controller=settings.controller,
        records=tuple(sort_records(gatherer.records.values())),
        transfers=tuple(list_transfers(workspace, traces, flows)),
        waiting=_list_waiting(workspace, traces, gatherer, statements),
        files=_list_files(workspace, traces, gatherer),
        lost_flows=_list_lost_flows(workspace),
        statements=statements,
        acts=acts,
        days={
            "received": settings.received_days,
            "quarantine": settings.retention_days,
            "known": settings.subject_days,
        },
        is_known=bool(flows or traces.items or traces.deposits or statements or _has_decided(acts)),
    )


def _list_waiting(
    workspace: Workspace, traces: PersonTraces, gatherer: RecordGatherer, statements: Sequence[RecordedStatement]
) -> tuple[WaitingRow, ...]:
    readable = {item for record in gatherer.records.values() for item in record.items}
    # What was replayed is still in the file of its replay: it went, or waits again under another number.
    states = (QuarantineState.WAITING, QuarantineState.REPLAYING)
    held = (row for state in states for row in workspace.quarantine.iter_rows(state=state))
    rows = sorted((row for row in held if row.id in traces.items), key=lambda row: row.id)
    return tuple(
        WaitingRow(
            number=row.id,
            flow=row.flow,
            contract=row.contract,
            reason=_hide_others_answer(row.reason, gatherer.asker, statements),
            details=row.details,
            since=row.created_at,
            until=row.expires_at,
            is_readable=row.id in readable,
        )
        for row in rows
    )


def _hide_others_answer(code: str, asker: DataSubject, statements: Sequence[RecordedStatement]) -> str:
    """Return the reason of a row, or another one where it would tell what somebody else answered, or did not.

    A visit names a professional and a person, a contact two persons: who asks reads their own answers alone.
    """
    answers = {entry.statement.accepted for entry in statements}
    is_own = {"gate.consent.refused": False in answers, "gate.consent.missing": True not in answers}
    if code not in is_own or (is_own[code] and asker is not DataSubject.WORKER):
        return code
    return _OTHERS_ANSWER


def _list_files(workspace: Workspace, traces: PersonTraces, gatherer: RecordGatherer) -> tuple[HeldFile, ...]:
    kept = timedelta(days=workspace.settings.received_days)
    final = (ParcelState.DONE, ParcelState.DROPPED)
    read = gatherer.digests
    digests = (traces.deposits | read) - {""}
    rows = {row.digest: row for row in workspace.journal.list_parcels() if row.digest in digests}
    return tuple(
        HeldFile(
            flow=row.flow,
            received_at=row.received_at,
            until=row.closed_at + kept if row.closed_at and row.state in final else None,
            is_readable=row.digest in read,
        )
        for row in sorted(rows.values(), key=lambda row: row.received_at)
    )


def _list_lost_flows(workspace: Workspace) -> tuple[str, ...]:
    """Return the flows of files that are kept and that no setting says how to read any more."""
    known = workspace.settings.flows
    rows = (row for row in workspace.journal.list_parcels() if row.kind not in (LOOK, WITHDRAWN))
    lost = {row.flow for row in rows if row.flow not in known and workspace.depot.has(row.digest)}
    return tuple(sorted(lost))


def _has_decided(acts: Iterable[RecordedAct]) -> bool:
    """Whether any act did more than look for somebody: who was looked for in vain is not known by that."""
    return any(act.action not in (EXPORT, "person.find") for act in acts)


def _list_acts(
    entries: Collection[AuditEntry], forms: Collection[str], items: Collection[int]
) -> tuple[RecordedAct, ...]:
    """Return the acts that name the person, or a row of theirs in quarantine."""
    numbers = {str(item) for item in items}
    opening = name_items(())

    def is_about(entry: AuditEntry) -> bool:
        if not entry.list_words().isdisjoint(forms):
            return True
        return entry.subject.startswith(opening) and not numbers.isdisjoint(entry.subject.split())

    return tuple(RecordedAct(action=entry.action, at=entry.at) for entry in entries if is_about(entry))
