"""Notices that files lie at a source and no flow takes them: an export that got another name is lost in silence."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from passerelle.engine.settings.mailbox_settings import MailboxSourceSettings
from passerelle.engine.settings.place_settings import FileSourceSettings
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.ports import SelectingSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.ports import Source

FOLDER = "silence.folder.strays"
MAILBOX = "silence.mailbox.strays"
_CHOICES = frozenset({*FileSourceSettings.model_fields, "senders", "done"})
"""What settings say of which files are taken, and how; the rest says where they lie."""


def watch_strays(workspace: Workspace, flow: Flow, source: Source) -> None:
    """Raise or clear the notice of a flow after a look at its source; what other flows take or leave is no stray."""
    place = flow.source
    if not isinstance(source, SelectingSource) or not isinstance(place, FileSourceSettings | MailboxSourceSettings):
        return
    journal, code = workspace.journal, MAILBOX if isinstance(place, MailboxSourceSettings) else FOLDER
    # it is away or closed since the look: the next one tells
    with suppress(FlowError, TransientError):
        count = source.count_strays(frozenset(_iter_globs(workspace, place)))
        if count:
            journal.raise_notice(flow.name, code, {"count": format_count(count)}, workspace.clock.now())
        elif any(notice.code == code for notice in journal.list_notices(flow.name)):
            journal.clear_notice(flow.name, code)


def _iter_globs(workspace: Workspace, source: FileSourceSettings | MailboxSourceSettings) -> Iterator[str]:
    """Yield the names that the flows of one place take or leave."""
    place = _find_place(source)
    for flow in workspace.settings.flows.values():
        other = flow.source
        if isinstance(other, FileSourceSettings | MailboxSourceSettings) and _find_place(other) == place:
            yield other.glob
            if isinstance(other, FileSourceSettings):
                yield from other.leave


def _find_place(source: FileSourceSettings | MailboxSourceSettings) -> tuple[tuple[str, object], ...]:
    """Return what the settings say of where the files lie, and nothing of which are taken, or how."""
    return tuple((name, getattr(source, name)) for name in type(source).model_fields if name not in _CHOICES)
