"""Adds an organisation to an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.engine.starting.workspace_making import make_workspace
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import show_name
from passerelle.vocabulary.organisation_names import ORGANISATION_NAME

if TYPE_CHECKING:
    from passerelle.engine.settings.installation_settings import Installation
    from passerelle.engine.starting.workspace_making import MadeWorkspace


def add_organisation(installation: Installation, name: str, template: bytes) -> MadeWorkspace:
    """Make the folder of an organisation, with settings from a template and a key of its own; replaces nothing.

    Raises UsageError for a name that cannot be one, or a folder that holds something, OSError where the system refuses.
    """
    if not ORGANISATION_NAME.match(name):
        raise UsageError("usage.organisation.name", name=show_name(name))
    folder = installation.locate_folder(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("usage.organisation.exists", name=name)
    made = make_workspace(folder / installation.file_name, template)
    log("organisation_added", organisation=name)
    return made
