"""Where the files of a depot lie: in a folder of this machine or of the network, or wherever whole files have names."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Protocol

from passerelle.stores.disk import translate_disk_errors
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

DRAFT = ".draft"


class DepositPlace(Protocol):
    """Keeps sealed files by name. What it raises besides OSError: TransientError when it is away, FatalError."""

    @property
    def drafts(self) -> Path:
        """Return the folder of this machine in which files are written, sealed, before they have their name."""
        ...

    def put_new(self, draft: Path, name: str) -> bool:
        """Name a draft, durably; return False, and leave what is there, where something has that name."""
        ...

    def replace(self, draft: Path, name: str) -> None:
        """Put a draft, durably, in the place of what has the name."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading, seekable. Raises OSError: FileNotFoundError when it is not there."""
        ...

    def read_beginnings(self, names: Sequence[str], size: int) -> list[bytes]:
        """Return the first bytes of files, in their order; nothing for one that is not there."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file, durably; no error when it is not there."""
        ...

    def list_files(self) -> Iterable[tuple[str, float]]:
        """Return all files, never some of them: name, and when it was written, in seconds since 1970."""
        ...

    def sweep(self, oldest: float) -> None:
        """Clear away what was begun before `oldest` and never ended, where that is no draft."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class DepositFolder:
    """A folder; drafts lie in it, so that a rename gives them their name at once."""

    folder: Path

    @property
    def drafts(self) -> Path:
        """Return the folder itself."""
        return self.folder

    def put_new(self, draft: Path, name: str) -> bool:
        """Rename a draft, unless something has the name."""
        if self.has(name):
            return False
        self.replace(draft, name)
        return True

    def replace(self, draft: Path, name: str) -> None:
        """Rename a draft over what has the name."""
        with translate_disk_errors():
            draft.replace(self.folder / name)
            sync_folder(self.folder)  # the rename itself must survive a power cut

    def open(self, name: str) -> IO[bytes]:
        """Open a file."""
        return (self.folder / name).open("rb")

    def read_beginnings(self, names: Sequence[str], size: int) -> list[bytes]:
        """Return the first bytes of files."""
        return [read_beginning(self.folder / name, size) for name in names]

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return (self.folder / name).is_file()

    def remove(self, name: str) -> None:
        """Remove a file."""
        with translate_disk_errors():
            (self.folder / name).unlink(missing_ok=True)
            sync_folder(self.folder)

    def list_files(self) -> list[tuple[str, float]]:
        """Return the files; one that goes meanwhile is none."""
        found = []
        with translate_disk_errors():
            for path in self.folder.iterdir():
                try:
                    if path.is_file():
                        found.append((path.name, path.stat().st_mtime))
                except FileNotFoundError:
                    continue
        return found

    def sweep(self, oldest: float) -> None:
        """Do nothing: here all that is begun is a draft."""

    def close(self) -> None:
        """Do nothing."""


def read_beginning(path: Path, size: int) -> bytes:
    """Return the first bytes of a file; nothing when it is not there. Raises FatalError `incident.disk.*`."""
    with translate_disk_errors():
        try:
            with path.open("rb") as file:
                return file.read(size)
        except FileNotFoundError:
            return b""
