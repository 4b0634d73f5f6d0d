"""A folder of this machine, or a share that the system shows as one."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from stat import S_ISREG
from typing import IO, TYPE_CHECKING

from passerelle.edges.durable import translate_disk_faults, translate_look_faults
from passerelle.edges.places.file_place import ARCHIVES, FileState, number_names
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import GROUP, replace_whole, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder of this machine: see `FilePlace`."""

    path: Path
    was_here: bool = False
    """Whether it was written to before: then it is away when it is not there, and never made anew."""

    def list_files(self, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, FileState]]:
        """Yield the wanted files, by name."""
        with translate_look_faults("incident.folder.unreadable"):
            paths = sorted(self.path.iterdir())
        for path in paths:
            if is_wanted(path.name) and self._is_inside(path) and (state := _read_state(path)):
                yield path.name, state

    def read_state(self, name: str) -> FileState | None:
        """Return the state of a file."""
        return _read_state(self.path / name)

    def can_read(self, name: str) -> bool:
        """Whether the rights allow to read it."""
        return os.access(self.path / name, os.R_OK)

    def open(self, name: str, state: FileState) -> IO[bytes]:  # noqa: ARG002  an open file stays itself when replaced
        """Open a file."""
        try:
            return (self.path / name).open("rb")
        except OSError:
            raise TransientError("incident.file.unreadable") from None

    def mark(self, name: str, state: FileState, *, stays: bool) -> ArrivalMarks:
        """Return the marks of a file: by its inode, and by its name where it stays."""
        device, number = state.inode
        if not stays:
            # A file that is taken goes: it is seen again only when a run died in between. The same file dropped again,
            # even with the time it was written at, is created or renamed anew.
            return ArrivalMarks((Mark(f"file/{device}/{number}/{state.changed}/{state.modified}"),))
        # Written again or not, under its name or, once renamed, its inode. A network share may number anew at each
        # mount, so that the name alone has to be enough.
        place = os.fsencode(name).decode("utf-8", "backslashreplace")
        marks = (
            Mark(f"name/{place}", str(state.modified)),
            Mark(f"inode/{device}/{number}", str(state.modified), MarkKind.STAYED),
        )
        return ArrivalMarks(marks, unmarked_since=datetime.fromtimestamp(state.modified // 10**9, UTC))

    def archive(self, name: str) -> None:
        """Move a file into the archives."""
        # Not found: another run of the same flow was quicker.
        with translate_disk_faults("incident.folder.unwritable"), contextlib.suppress(FileNotFoundError):
            archives = self.path / ARCHIVES
            archives.mkdir(exist_ok=True)
            free = next(each for each in number_names(name) if not os.path.lexists(archives / each))
            (self.path / name).rename(archives / free)
            sync_folder(archives)
            sync_folder(self.path)

    def delete(self, name: str) -> None:
        """Delete a file."""
        with translate_disk_faults("incident.folder.unwritable"), contextlib.suppress(FileNotFoundError):
            (self.path / name).unlink()
            sync_folder(self.path)

    def write(self, name: str, content: bytes | Iterable[bytes | memoryview], rights: int) -> None:
        """Write a file, for its owner alone or also for its group."""
        with translate_look_faults("incident.folder.unwritable"):
            if self.was_here and not self.path.exists():
                # A share that is not mounted: what would be made in its place is a folder that nobody looks into.
                raise TransientError("incident.folder.away")
            # a folder that we make is as private as the files in it: who may read them may list them
            self.path.mkdir(parents=True, exist_ok=True, mode=0o750 if rights == GROUP else 0o700)
            with replace_whole(self.path / name, rights) as stream:
                stream.writelines((content,) if isinstance(content, bytes) else content)
                stream.flush()
                hit_failpoint("folder.written")
            hit_failpoint("folder.renamed")

    def rename(self, name: str, other: str, *, replaces: bool) -> bool:
        """Rename a file."""
        with translate_disk_faults("incident.folder.unwritable"):
            if not replaces and os.path.lexists(self.path / other):
                return False
            (self.path / name).replace(self.path / other)
            sync_folder(self.path)
        return True

    def list_names(self) -> list[str]:
        """Return all names."""
        with translate_disk_faults("incident.folder.unwritable"):
            if self.path.is_dir():
                return [path.name for path in self.path.iterdir()]
        if self.was_here:
            raise TransientError("incident.folder.away")
        return []

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _is_inside(self, path: Path) -> bool:
        if not path.is_symlink():
            return True
        try:
            return path.resolve(strict=True).is_relative_to(self.path.resolve())
        except (OSError, RuntimeError):
            return False


def _read_state(path: Path) -> FileState | None:
    try:
        status = path.stat()
    except OSError:
        return None
    if not S_ISREG(status.st_mode):
        return None
    return FileState(status.st_mtime_ns, status.st_size, (status.st_dev, status.st_ino), status.st_ctime_ns)
