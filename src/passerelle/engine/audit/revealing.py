"""Shows values of records: only with a reason, which is written into the audit trail before anything is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.engine.workspace.assembly import Workspace


def require_why(why: str) -> None:
    """Raise UsageError unless a reason of at least two words is given: one word is typed without thinking."""
    if len(why.split()) < 2:
        raise UsageError("usage.reveal.unexplained")


def audit_act(workspace: Workspace, action: str, subject: str, *, why: str, who: str, purpose: str = "") -> None:
    """Write an act and its reason into the audit trail. Raises UsageError without a reason."""
    require_why(why)
    workspace.journal.append_audit(action, subject, why, workspace.clock.now(), who, purpose)


def name_purposes(workspace: Workspace, flows: Iterable[str]) -> str:
    """Return how the audit trail names the purposes of some flows; one that left the settings has none any more."""
    known = workspace.settings.flows
    return " ".join(sorted({known[name].purpose.value for name in flows if name in known}))


def reveal_items(
    workspace: Workspace, ids: Iterable[int], *, why: str, who: str, flows: Iterable[str] = ()
) -> dict[int, bytes]:
    """Return the payloads of quarantined items, by number, for a person's eyes. Raises UsageError without a reason."""
    wanted = sorted(ids)
    purpose = name_purposes(workspace, flows)
    audit_act(workspace, "quarantine.reveal", name_items(wanted), why=why, who=who, purpose=purpose)
    log("quarantine_revealed", count=len(wanted))
    return workspace.quarantine.open_payloads(wanted)


def name_items(ids: Iterable[int]) -> str:
    """Return how the audit trail names quarantined items: by their numbers."""
    return "quarantine " + " ".join(map(str, sorted(ids)))
