"""Notices that files lie in a folder and no flow takes them: an export that got another name is lost in silence."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from passerelle.edges.sources.folder import FolderSource
from passerelle.engine.settings.place_settings import FileSourceSettings
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.formatting import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.ports import Source

STRAYS = "silence.folder.strays"


def watch_strays(workspace: Workspace, flow: Flow, source: Source) -> None:
    """Raise or clear the notice of a flow after a look at its folder; what other flows take or leave is no stray."""
    if not isinstance(source, FolderSource) or not isinstance(flow.source, FileSourceSettings):
        return
    journal = workspace.journal
    # it is away or closed since the look: the next one tells
    with suppress(FlowError, TransientError):
        count = source.count_strays(frozenset(_iter_globs(workspace, flow.source)))
        if count:
            journal.raise_notice(flow.name, STRAYS, {"count": format_count(count)}, workspace.clock.now())
        elif any(notice.code == STRAYS for notice in journal.list_notices(flow.name)):
            journal.clear_notice(flow.name, STRAYS)


def _iter_globs(workspace: Workspace, source: FileSourceSettings) -> Iterator[str]:
    """Yield the names that the flows of one folder take or leave."""
    place = _find_place(source)
    for flow in workspace.settings.flows.values():
        if isinstance(flow.source, FileSourceSettings) and _find_place(flow.source) == place:
            yield from (flow.source.glob, *flow.source.leave)


def _find_place(source: FileSourceSettings) -> tuple[tuple[str, object], ...]:
    """Return what the settings say of where the files lie, and nothing of which are taken, or how."""
    fields = type(source).model_fields
    return tuple((name, getattr(source, name)) for name in fields if name not in FileSourceSettings.model_fields)
