"""Makes the folder of a workspace: commented settings, the folders they name, and the key that seals what is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import ANYBODY, write_new

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.engine.settings.workspace_settings import Settings

FOLDERS = ("entrees", "sorties")


@dataclass(frozen=True, slots=True)
class MadeWorkspace:
    """A workspace that was made: its settings, and the names of what is in its folder now."""

    settings: Settings
    made: tuple[str, ...]


def make_workspace(path: Path, template: bytes) -> MadeWorkspace:
    """Write settings from a template, and make what they name; replaces nothing.

    Raises UsageError `usage.file.exists` when there are settings already, OSError where the system refuses.
    """
    path = path.absolute()
    if path.exists():
        raise UsageError("usage.file.exists", file=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_new(path, template, ANYBODY)
    settings = load_settings(path)
    for name in FOLDERS:
        (path.parent / name).mkdir(exist_ok=True)
    settings.state.mkdir(mode=0o700, exist_ok=True)
    Seal.from_key_file(settings.key_file, create=True)
    return MadeWorkspace(settings, (path.name, *FOLDERS, settings.state.name))
