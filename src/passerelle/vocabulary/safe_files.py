"""The one opener of everything that is written: new files only, never through a link, for their owner unless said."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

OWNER = 0o600
"""Rights of a file that may hold personal data."""
GROUP = 0o640
"""Rights of a file that another account of the same group fetches."""
ANYBODY = 0o666
"""Rights of a file without personal data (a page, a contract, a skeleton): what the umask leaves of them."""
SHARED = 0o644
"""Rights, whatever the umask, of a file of figures that a program of another account fetches (a monitor)."""
_SAFE = (
    os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)  # Windows would turn the ends of lines into others
)
_NEW = _SAFE | os.O_RDWR | os.O_EXCL  # what somebody planted under the name, link or file, is never opened


def open_new(path: Path, rights: int = OWNER) -> IO[bytes]:
    """Create a file and open it for writing. Raises FileExistsError when anything has that name, a link included."""
    # The type checker knows the mode only as a text: a file for writing and reading is what «w+b» opens.
    return cast("IO[bytes]", os.fdopen(os.open(path, _NEW, rights), "w+b"))


def open_lock(path: Path) -> int:
    """Open, and create if need be, a file that is locked and never written; return its descriptor.

    Raises OSError (ELOOP) when the name is a link.
    """
    return os.open(path, _SAFE | os.O_RDWR, OWNER)


def append_text(path: Path, text: str, rights: int = OWNER) -> None:
    """Append to a file, made if need be. Raises OSError, also (ELOOP) when the name is a link."""
    _refuse_special(path)
    with os.fdopen(os.open(path, _SAFE | os.O_WRONLY | os.O_APPEND, rights), "ab") as stream:
        stream.write(text.encode())
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def replace_whole(path: Path, rights: int = OWNER) -> Iterator[IO[bytes]]:
    """Open a file that takes its name once it is whole and on disk; what had the name before is then gone.

    A link of that name is replaced, never followed. Raises OSError, also when a device or a folder has the name;
    whatever is raised, no draft stays behind.
    """
    _refuse_special(path)
    # Beside its place, since a rename is atomic only within one file system; the dot keeps it out of `*`. Always the
    # same name, so that what a killed process left is cleared away by the next attempt.
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    stream = open_new(draft, rights)
    try:
        with stream:
            if rights == SHARED and hasattr(os, "fchmod"):
                os.fchmod(stream.fileno(), rights)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def open_nowhere() -> IO[bytes]:
    """Open a file that has no name and, where the system can, no place on a disk; gone when it is closed.

    For what a child process must read or write in clear: a disk may be copied, or taken out of the machine.
    """
    if hasattr(os, "memfd_create"):
        return cast("IO[bytes]", os.fdopen(os.memfd_create("passerelle", os.MFD_CLOEXEC), "w+b"))
    return cast("IO[bytes]", tempfile.TemporaryFile())


def write_whole(path: Path, content: bytes | str | Iterable[bytes | memoryview], rights: int = OWNER) -> None:
    """Write a file, there whole or not at all, over what was there. Texts are UTF-8. Raises OSError."""
    if isinstance(content, str):
        content = content.encode()
    with replace_whole(path, rights) as stream:
        stream.writelines((content,) if isinstance(content, bytes) else content)


def write_new(path: Path, content: bytes | str, rights: int = OWNER) -> None:
    """Write a file that must not exist yet. Raises FileExistsError, or another OSError."""
    with open_new(path, rights) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries survive a power cut. Windows has no such call: NTFS journals the rename itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_special(path: Path) -> None:
    """Raise OSError when what would be replaced is no file: `/dev/stdout`, by its name or behind a link."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as problem:
        # a link to itself leads nowhere: it is replaced like any other
        if problem.errno != errno.ELOOP:
            raise
        return
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a file")
