"""What a worker works on: the organisations whose flows several machines share, and the database of their turns."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from passerelle.engine.workspace.assembly import load_workspace_plugins, open_workspace
from passerelle.engine.workspace.journal_place import open_journal
from passerelle.fleet.workspaces import OpenWorkspaces, WorkspaceOpening
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from passerelle.engine.settings.workspace_settings import Settings


@contextmanager
def open_turns(settings: Settings) -> Iterator[Engine]:
    """Open the database of the turns; those of the organisation of the settings are seen.

    Raises UsageError `usage.fleet.alone` where one machine keeps its own journal.
    """
    if not settings.shared.journal:
        raise UsageError("usage.fleet.alone")
    engine = open_journal(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def find_workspaces(settings: Settings) -> OpenWorkspaces:
    """Return the workspaces of the organisations that a worker works for; they are opened when they have a turn."""
    opened = partial(open_workspace, settings, plugins=load_workspace_plugins(settings))
    return OpenWorkspaces({settings.shared.organisation: WorkspaceOpening(settings, opened)})
