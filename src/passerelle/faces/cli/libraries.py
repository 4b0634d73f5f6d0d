"""What libraries are told before they are imported, so that they do not look for what a command never has."""

from __future__ import annotations

import os

_PYDANTIC_PLUGINS = "PYDANTIC_DISABLE_PLUGINS"


def begin() -> None:
    """Spare pydantic the search for plugins of its own; must run before the first model is made."""
    # it opens the metadata of every distribution that is installed: a twentieth of a small run
    os.environ.setdefault(_PYDANTIC_PLUGINS, "__all__")
