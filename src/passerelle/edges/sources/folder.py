"""A folder where a supplier, or somebody, drops files: whole files only, each taken once, none lost."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from stat import S_ISREG
from typing import IO, TYPE_CHECKING, Literal

from passerelle.edges.durable import sync_folder, translate_disk_faults
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.dated_names import find_name_date
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.vocabulary.ports import Clock

ARCHIVES = "archives"
"""Sub-folder where files go once they are registered."""
After = Literal["archive", "keep", "delete"]
Order = Literal["name", "date", "time"]
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
    inode: tuple[int, int]
    """Device, and number on it."""
    changed: int = field(compare=False)
    """Nanoseconds; renaming a file changes it, writing it is not needed."""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Looks once for files whose name matches `glob` (upper and lower case alike), in their `order`, oldest first.

    `time` is when a file was last written; `date` is the date in its name, written as `name_date` says, or its time
    where it has none. Ties go by name.

    Left alone until a later run: what is younger than `quiet_seconds`, what changed between two looks, hidden and
    temporary files, folders, links that lead out of the folder.
    """

    path: Path
    glob: str = "*"
    after: After = field(default="archive", kw_only=True)
    quiet_seconds: float = field(default=30.0, kw_only=True)
    order: Order = field(default="time", kw_only=True)
    name_date: str = field(default="", kw_only=True)
    clock: Clock = field(kw_only=True)

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  it has no cursor
        """Yield the files that nobody is writing.

        Raises FlowError when the folder cannot be read, and TransientError, after all others came, for a file that
        cannot be opened.
        """
        unreadable = False
        for path, state in sorted(self._iter_candidates(), key=self._make_sort_key):
            if _read_state(path) != state:
                continue
            if not os.access(path, os.R_OK):
                unreadable = True
                continue
            name = os.fsencode(path.name).decode("utf-8", "replace")  # not UTF-8: cannot be stored as text
            yield Arrival(
                name,
                partial(_open, path),
                partial(self._acknowledge, path, state),
                marks=self._mark(path, state),
                named_at=find_name_date(name, self.name_date),
            )
        if unreadable:
            raise TransientError("incident.file.unreadable")

    def _iter_candidates(self) -> Iterator[tuple[Path, _FileState]]:
        with translate_disk_faults("incident.folder.unreadable"):
            paths = sorted(self.path.iterdir())
        for path in paths:
            name = path.name.lower()
            is_in_progress = name.startswith(_IN_PROGRESS_STARTS) or name.endswith(_IN_PROGRESS)
            if is_in_progress or not fnmatchcase(name, self.glob.lower()) or not self._is_inside(path):
                continue
            # Only what nobody wrote lately. `abs`: an mtime in the future means a wrong clock, not a recent file.
            if (state := _read_state(path)) and (
                abs(self.clock.now().timestamp() - state.modified / 1e9) >= self.quiet_seconds
            ):
                yield path, state

    def _make_sort_key(self, candidate: tuple[Path, _FileState]) -> tuple[float, str]:
        path, state = candidate
        moment = state.modified / 1e9
        if self.order == "name":
            moment = 0.0
        elif self.order == "date" and (named_at := find_name_date(path.name, self.name_date)):
            moment = named_at.timestamp()
        return moment, path.name

    def _mark(self, path: Path, state: _FileState) -> ArrivalMarks:
        """Return what makes this file the one that was taken before."""
        device, number = state.inode
        if self.after != "keep":
            # A file that is taken goes: it is seen again only when a run died in between. The same file dropped again,
            # even with the time it was written at, is created or renamed anew.
            return ArrivalMarks((Mark(f"file/{device}/{number}/{state.changed}/{state.modified}"),))
        # Written again or not, under its name or, once renamed, its inode. A network share may number anew at each
        # mount, so that the name alone has to be enough.
        name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
        marks = (
            Mark(f"name/{name}", str(state.modified)),
            Mark(f"inode/{device}/{number}", str(state.modified), MarkKind.STAYED),
        )
        return ArrivalMarks(marks, unmarked_since=datetime.fromtimestamp(state.modified // 10**9, UTC))

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
    if not S_ISREG(status.st_mode):
        return None
    return _FileState(status.st_mtime_ns, status.st_size, (status.st_dev, status.st_ino), status.st_ctime_ns)


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
