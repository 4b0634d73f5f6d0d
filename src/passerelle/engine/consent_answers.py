"""Records and erases what persons answered about the use of their records; each change is in the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.stores.consents import ALL_PURPOSES_ANSWER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.engine.assembly import Workspace


def parse_references(lines: Iterable[str]) -> list[str]:
    """Return the references of persons, one a line, without empty lines; each once, in order."""
    return list(dict.fromkeys(stripped for line in lines if (stripped := line.strip())))


def record_answers(
    workspace: Workspace, persons: Sequence[str], purpose: str | None, *, accepted: bool, who: str
) -> None:
    """Record one answer of several persons, for a purpose, or for every purpose when it is None."""
    scope = purpose or ALL_PURPOSES_ANSWER
    for person in persons:
        workspace.consents.record(person, scope, accepted, workspace.clock.now())
        workspace.journal.append_audit(
            f"consent.{name_answer(accepted=accepted)}", person, "", workspace.clock.now(), who
        )
    log("consent_recorded", count=len(persons))


def forget_answers(workspace: Workspace, persons: Sequence[str], *, who: str) -> None:
    """Erase all that several persons answered."""
    for person in persons:
        workspace.consents.forget(person)
        workspace.journal.append_audit("consent.forget", person, "", workspace.clock.now(), who)
    log("consent_recorded", count=len(persons))


def name_answer(*, accepted: bool) -> str:
    """Return the word for an answer, in the audit trail and in JSON."""
    return "accept" if accepted else "refuse"
