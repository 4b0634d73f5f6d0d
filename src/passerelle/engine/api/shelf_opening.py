"""Where the API finds its shelf. The one place that knows which store it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.shelf import ShelfReader


def open_shelf(workspace: Workspace) -> ShelfReader:
    """Return the shelf of a workspace. Raises UsageError `api.shelf.absent` while no flow fills one."""
    if not workspace.shelf.list_scopes():
        raise UsageError("api.shelf.absent")
    return workspace.shelf
