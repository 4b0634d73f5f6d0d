"""Reads and verifies the audit trail, and keeps its head outside: only there can a cut end be noticed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.engine.audit.revealing import audit_act
from passerelle.stores.trail import find_heads
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import append_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.trail import AuditEntry


def list_entries(workspace: Workspace, *, since: datetime | None = None, action: str = "") -> list[AuditEntry]:
    """List the entries of the audit trail, oldest first; `action` is a word, or the first of several (`consent`)."""
    return [
        entry
        for entry in workspace.journal.list_audit_entries()
        if (since is None or entry.at >= since)
        and (not action or entry.action == action or entry.action.startswith(f"{action}."))
    ]


def reveal_entries(
    workspace: Workspace, *, why: str, who: str, since: datetime | None = None, action: str = ""
) -> list[AuditEntry]:
    """List entries for a person who will read whom they are about. Raises UsageError without a reason."""
    audit_act(workspace, "audit.reveal", action, why=why, who=who)
    return list_entries(workspace, since=since, action=action)


def verify_trail(workspace: Workspace, anchors: Sequence[str] = ()) -> int:
    """Verify the trail against these heads and those of the file of the settings; return its length.

    An anchor is the name of a file with heads in it, or a head itself. Raises UsageError for one that is neither;
    FatalError `incident.audit.broken` or `incident.audit.truncated`.
    """
    texts = [read_anchor(anchor) for anchor in anchors]
    return workspace.journal.verify_audit("\n".join([*texts, read_kept_heads(workspace.settings)]))


def read_anchor(anchor: str) -> str:
    """Return a text with heads in it. Raises UsageError `usage.audit.anchor` where there is none."""
    if find_heads(anchor):
        return anchor
    try:
        text = Path(anchor).read_text("utf-8")
    except (OSError, ValueError):
        text = ""
    if not find_heads(text):
        raise UsageError("usage.audit.anchor")
    return text


def read_kept_heads(settings: Settings) -> str:
    """Return what the file of the settings holds; empty where none is named, or none was written yet."""
    path = settings.audit_anchor
    try:
        return path.read_text("utf-8", errors="replace") if path else ""
    except FileNotFoundError:
        return ""
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name if path else "") from None


def keep_head(workspace: Workspace, path: Path | None = None) -> str:
    """Return the head of the trail, and append it to a file. Raises UsageError for one in the state folder, or unfit.

    What is kept beside the trail proves nothing: whoever can cut the one can cut the other.
    """
    head = workspace.journal.get_audit_head()
    if path is not None:
        if path.resolve().is_relative_to(workspace.settings.state.resolve()):
            raise UsageError("usage.audit.inside", file=path.name)
        try:
            append_head(path, head, workspace.clock.now())
        except OSError:
            raise UsageError("usage.file.unreadable", file=path.name) from None
    return head


def append_head(path: Path, head: str, now: datetime) -> None:
    """Append a dated head to a file, unless it is the last one there. Raises OSError."""
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.exists() else []
    # an idle night adds nothing to the trail, and no line to the file
    if not lines or not lines[-1].endswith(f" {head}"):
        append_text(path, f"{now.isoformat(timespec='seconds')} {head}\n")
