"""A folder where a supplier, or somebody, drops files: whole files only, each taken once, none lost."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from stat import S_ISREG
from typing import IO, TYPE_CHECKING, Literal

from passerelle.edges.durable import sync_folder, translate_disk_faults
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.vocabulary.ports import Clock

ARCHIVES = "archives"
"""Sub-folder where files go once they are registered."""
After = Literal["archive", "keep", "delete"]
_IN_PROGRESS = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".lock", ".lck", "~")
"""Endings that transfer tools and office software give to what is not finished."""
_IN_PROGRESS_STARTS = (".", "~$")
_LONG = 30
"""Characters of a name that is taken which its numbered copy keeps: it has to fit 255 bytes."""


@dataclass(frozen=True, slots=True)
class _FileState:
    """State of a file. Equal states mean that nobody wrote in between."""

    modified: int
    """Nanoseconds."""
    size: int
    inode: int


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Looks once for files whose name matches `glob` (upper and lower case alike), oldest first.

    Left alone until a later run: what is younger than `quiet_seconds`, what changed between two looks, hidden and
    temporary files, folders, links that lead out of the folder.
    """

    path: Path
    glob: str = "*"
    after: After = field(default="archive", kw_only=True)
    quiet_seconds: float = field(default=30.0, kw_only=True)
    clock: Clock = field(kw_only=True)

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  it has no cursor
        """Yield the files that nobody is writing.

        Raises FlowError when the folder cannot be read, and TransientError, after all others came, for a file that
        cannot be opened.
        """
        unreadable = False
        for path, state in sorted(self._iter_candidates(), key=lambda pair: (pair[1].modified, pair[0].name)):
            if _read_state(path) != state:
                continue
            if not os.access(path, os.R_OK):
                unreadable = True
                continue
            name = os.fsencode(path.name).decode("utf-8", "replace")  # not UTF-8: cannot be stored as text
            yield Arrival(name, partial(_open, path), partial(self._acknowledge, path, state))
        if unreadable:
            raise TransientError("incident.file.unreadable")

    def _iter_candidates(self) -> Iterator[tuple[Path, _FileState]]:
        with translate_disk_faults("incident.folder.unreadable"):
            paths = sorted(self.path.iterdir())
        for path in paths:
            name = path.name.lower()
            is_in_progress = name.startswith(_IN_PROGRESS_STARTS) or name.endswith(_IN_PROGRESS)
            if (
                is_in_progress
                or not fnmatchcase(compose(name), compose(self.glob.lower()))
                or not self._is_inside(path)
            ):
                continue
            # Only what nobody wrote lately. `abs`: an mtime in the future means a wrong clock, not a recent file.
            if (state := _read_state(path)) and (
                abs(self.clock.now().timestamp() - state.modified / 1e9) >= self.quiet_seconds
            ):
                yield path, state

    def _is_inside(self, path: Path) -> bool:
        if not path.is_symlink():
            return True
        try:
            return path.resolve(strict=True).is_relative_to(self.path.resolve())
        except (OSError, RuntimeError):
            return False

    def _acknowledge(self, path: Path, state: _FileState) -> None:
        """Archive or delete the file, unless it changed since it was registered: then it stays and comes again."""
        if self.after == "keep" or _read_state(path) != state:
            return
        # Not found: another run of the same flow was quicker.
        with translate_disk_faults("incident.folder.unwritable"), contextlib.suppress(FileNotFoundError):
            if self.after == "delete":
                path.unlink()
            else:
                archives = self.path / ARCHIVES
                archives.mkdir(exist_ok=True)
                path.rename(_find_free_name(archives, path))
                sync_folder(archives)
            sync_folder(self.path)


def _read_state(path: Path) -> _FileState | None:
    """Return the state of a file; None when it is gone or not a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return _FileState(status.st_mtime_ns, status.st_size, status.st_ino) if S_ISREG(status.st_mode) else None


def _find_free_name(archives: Path, path: Path) -> Path:
    """Return a name that no earlier file has: the same, else with a number."""
    candidate, number = archives / path.name, 1
    while os.path.lexists(candidate):
        number += 1
        candidate = archives / f"{path.stem[:_LONG]}-{number}{path.suffix[:_LONG]}"
    return candidate


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError:
        raise TransientError("incident.file.unreadable") from None
