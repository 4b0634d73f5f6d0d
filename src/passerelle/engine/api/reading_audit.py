"""What is written down of an answer, before it goes out: who read how many records, for what, and of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.api.record_serving import count_subjects
from passerelle.stores.trail import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.api.readings import ContractReading
    from passerelle.engine.workspace.assembly import Workspace

READ = "api.read"
"""The act in the audit trail; its subject is the contract with the number of records, its reason that of the token."""


def note_answer(workspace: Workspace, reading: ContractReading, subjects: Sequence[tuple[str, ...]]) -> None:
    """Note the records of one answer, given by whom each names; an answer without any leaves nothing."""
    if not subjects:
        return
    terms = reading.token.terms
    purpose = reading.purpose.value
    about = f"{reading.id} {len(subjects)}"
    act = AuditEntry(0, workspace.clock.now(), READ, about, terms.why, terms.client, purpose)
    workspace.api.note_readings(reading.token.id, reading.id, purpose, count_subjects(subjects), act)
