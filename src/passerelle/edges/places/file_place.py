"""One protocol of a place with files: a folder of this machine, or one of another machine.

Sources and destinations say what is taken and written; a place says how, and names what goes wrong without its path.
"""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ARCHIVES = "archives"
"""Sub-folder where files go once they are registered."""
LONG = 30
"""Characters of a name that is taken which its numbered copy keeps: it has to fit 255 bytes."""


@dataclass(frozen=True, slots=True)
class FileState:
    """State of a file. Equal states mean that nobody wrote in between."""

    modified: int
    """Nanoseconds; other machines tell whole seconds."""
    size: int
    inode: tuple[int, int] = (0, 0)
    """Device, and number on it; zeros where the place tells none."""
    changed: int = field(default=0, compare=False)
    """Nanoseconds; renaming a file changes it, writing it is not needed. 0 where the place tells none."""


class FilePlace(Protocol):
    """A folder. Names are plain names of files in it, bytes that are no UTF-8 as surrogates."""

    def list_files(self, is_wanted: Callable[[str], bool]) -> Iterable[tuple[str, FileState]]:
        """Return the regular files that are in it and wanted, links that lead out of it left out.

        Raises TransientError when the place is away, FlowError when it cannot be read.
        """
        ...

    def read_state(self, name: str) -> FileState | None:
        """Return the state of a file; None when it is gone or not a file."""
        ...

    def can_read(self, name: str) -> bool:
        """Whether the file may be opened, as far as the place tells without opening it."""
        ...

    def open(self, name: str, state: FileState) -> IO[bytes]:
        """Open a file for reading. Raises TransientError when it cannot be opened, or is not in this state."""
        ...

    def mark(self, name: str, state: FileState, *, stays: bool) -> ArrivalMarks:
        """Return what makes this file the one that was taken before; `stays`: it is left where it is."""
        ...

    def archive(self, name: str) -> None:
        """Move a file into the archives, under a name that no earlier one has; one that is gone is no fault."""
        ...

    def delete(self, name: str) -> None:
        """Delete a file; one that is gone is no fault."""
        ...

    def write(self, name: str, content: bytes | Iterable[bytes | memoryview], rights: int) -> None:
        """Write a file, there whole or not at all, over what had the name.

        Raises FlowError for missing rights, TransientError without room or when the place is away.
        """
        ...

    def rename(self, name: str, other: str, *, replaces: bool) -> bool:
        """Rename a file at once; whether that was done: not over what has the other name, unless that goes.

        Raises as `write`.
        """
        ...

    def list_names(self) -> Iterable[str]:
        """Return the names of all that is in it; nothing where there is no folder yet."""
        ...

    def close(self) -> None:
        """Release what is open; a later call opens it again."""
        ...


class RemotePlace(FilePlace, Protocol):
    """A folder of another machine, where only trying tells what our account may do."""

    def try_write(self) -> None:
        """Write a file and remove it at once: rights alone do not tell of a full disk. Raises as `write`."""
        ...


def as_place(place: Path | FilePlace) -> FilePlace:
    """Return a place; a path is a folder of this machine."""
    if not isinstance(place, Path):
        return place
    from passerelle.edges.places.local_folder import LocalFolder  # noqa: PLC0415  it imports this module

    return LocalFolder(place)


def number_names(name: str) -> Iterator[str]:
    """Yield the names under which a file may be kept beside others: its own, else with a number."""
    yield name
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    number = 1
    while True:
        number += 1
        yield f"{stem[:LONG]}-{number}{(dot + suffix)[:LONG]}"


def mark_remote_file(name: str, state: FileState, *, stays: bool, tag: object = None) -> ArrivalMarks:
    """Return the mark of a file on another machine: its name, when it was written, its size, and what the server adds.

    Such machines tell no inode; `tag` is what they have in its place.
    """
    place = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    facts = [state.modified, state.size, *([] if tag is None else [tag])]
    # A file that is taken away and comes again is news, though nothing of it may differ.
    kind = MarkKind.PLACE if stays else MarkKind.UNTAKEN
    return ArrivalMarks((Mark(f"name/{place}", "/".join(map(str, facts)), kind),))
