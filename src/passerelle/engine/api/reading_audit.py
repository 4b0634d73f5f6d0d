"""What is written down of an answer, before it goes out: who read how many records, for what, and of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.api.record_serving import count_subjects
from passerelle.stores.trail import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.api.readings import ContractReading
    from passerelle.engine.workspace.assembly import Workspace

READ = "api.read"
"""The act in the audit trail; its subject is the contract with the number of records, its reason that of the token."""


def note_answer(workspace: Workspace, reading: ContractReading, subjects: Sequence[tuple[str, ...]]) -> None:
    """Note the records of one answer, given by whom each names; an answer without any leaves nothing."""
    note_records(workspace, reading, len(subjects), count_subjects(subjects))


def note_records(workspace: Workspace, reading: ContractReading, records: int, named: Mapping[str, int]) -> None:
    """Note so many records, and how many of them name each person; none leaves nothing."""
    if not records:
        return
    terms = reading.token.terms
    purpose = reading.purpose.value
    act = AuditEntry(0, workspace.clock.now(), READ, f"{reading.id} {records}", terms.why, terms.client, purpose)
    workspace.api.note_readings(reading.token.id, reading.id, purpose, named, act)
