"""The hooks of plugins. One so far; a hook is added with the plugin that needs it, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.extension.supplier import Supplier

PROJECT = "passerelle"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the answer to the hook of the same name."""


@hookspec
def provide_suppliers() -> Sequence[Supplier]:
    """Return the suppliers that this plugin describes.

    Asked once, at start-up, of every plugin that the settings allow; never per record. The answer is data: building it
    must not read files, open connections or ask for the time. Ids of suppliers and connectors are unique over all
    plugins. Whatever is raised stops the process with the plugin's name and version; so does another type of answer.
    """
    return ()
