"""Puts a description to work: its file and code tables are written where runs read them, never over another unseen.

What was there is kept beside, under a name that no run reads. Who did it and why is in the audit trail before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from passerelle.engine.audit.revealing import audit_act
from passerelle.engine.log import log
from passerelle.engine.workshop.description_drafting import count_undecided, read_description, write_table
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import SHARED, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.description_drafts import DescriptionContent

FOLDER = "editeurs"
"""Where descriptions are written as long as the settings name no folder; beside the settings."""


@dataclass(frozen=True, slots=True)
class AppliedPlace:
    """Where a description goes, and what is there."""

    path: Path
    is_read: bool
    """Whether the settings have runs read it there already."""
    present: str = ""
    """The text of the description that is there; empty when nothing is."""
    digest: str = ""
    """Of everything that would be replaced; empty when nothing would be."""


def find_place(settings: Settings, content: DescriptionContent) -> AppliedPlace:
    """Return where the description of a draft goes. Raises SettingsError for one that cannot be read."""
    name = f"{read_description(content).id}.toml"
    for pattern in settings.suppliers:
        folder, last = PurePath(pattern).parent, PurePath(pattern).name
        # a folder that is itself a pattern says of many where one is read, and of none where one is written
        if not set("*?[") & set(str(folder)) and fnmatchcase(name, last):
            return _look_at(settings.path.parent / folder / name, content, is_read=True)
    return _look_at(settings.path.parent / FOLDER / name, content, is_read=False)


def _look_at(path: Path, content: DescriptionContent, *, is_read: bool) -> AppliedPlace:
    wanted = _list_files(path, content)
    there = {file: file.read_bytes() for file in wanted if file.is_file()}
    # what is the same already is replaced by itself
    others = {file: held for file, held in there.items() if held != wanted[file].encode()}
    digest = hashlib.sha256(b"".join(held for _file, held in sorted(others.items()))).hexdigest() if others else ""
    return AppliedPlace(path, is_read, there.get(path, b"").decode("utf-8", "replace"), digest)


def _list_files(path: Path, content: DescriptionContent) -> Mapping[Path, str]:
    """Return what is written, by file: code tables first, the description that names them last."""
    tables = {path.parent / file: write_table(words) for file, words in content.tables.items()}
    return {**tables, path: content.text}


def apply_description(
    workspace: Workspace, content: DescriptionContent, *, why: str, who: str, replaced: str = ""
) -> AppliedPlace:
    """Write a description where runs read it, from their next start on; return where.

    `replaced` is the digest of what was shown as there already. Raises UsageError: undecided questions, ids that
    another supplier has, something there that was not shown, no reason; SettingsError for what cannot be read.
    """
    if count := count_undecided(content):
        raise UsageError("usage.description.undecided", count=str(count))
    place = find_place(workspace.settings, content)
    _refuse_taken(workspace, content, place.path)
    if place.digest != replaced:
        raise UsageError("usage.description.there")
    audit_act(workspace, "description.apply", f"description {place.path.stem}", why=why, who=who)
    files = _list_files(place.path, content)
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.read_bytes() != text.encode():
                _keep_beside(path)
            # others read it: whoever plans runs need not be who serves pages
            write_whole(path, text, SHARED)
    except OSError:
        raise UsageError("usage.description.unwritable") from None
    log("description_applied", count=len(files))
    return place


def _refuse_taken(workspace: Workspace, content: DescriptionContent, path: Path) -> None:
    """Raise UsageError where an id of the description belongs to somebody else: no run could start any more."""
    supplier, plugins = read_description(content), workspace.plugins
    taken = [plugins.connectors[one.id][2].path for one in supplier.connectors if one.id in plugins.connectors]
    is_known = any(info.path is not None and info.path.absolute() == path for info in plugins.infos)
    others = [other for other in taken if other is None or other.absolute() != path]
    if others or (supplier.id in {one.id for one in plugins.suppliers} and not is_known):
        raise UsageError("usage.description.taken")


def _keep_beside(path: Path) -> None:
    """Keep what a file holds under a name that no run reads, and that tells one state from another."""
    held = path.read_bytes()
    beside = path.with_name(f"{path.name}.avant-{hashlib.sha256(held).hexdigest()[:8]}")
    if not beside.exists():
        write_whole(beside, held, SHARED)
