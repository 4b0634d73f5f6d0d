"""A lock of the operating system on a file: one holder among all processes, released when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from passerelle.vocabulary.safe_files import open_lock

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from pathlib import Path

_PAUSE = 0.01
"""Seconds between two tries: `flock` can wait, but not with a limit."""


def _try_lock(descriptor: int) -> bool:
    """Take the lock if it is free and return whether it was."""
    # `flock`, not `lockf`: it belongs to the descriptor, so two threads of a process exclude each other too.
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class FileLock:
    """A lock on a file of its own. The file is never removed: two processes could then lock two files of one name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, *, wait: float = 0.0) -> bool:
        """Take the lock, waiting at most `wait` seconds; return whether it was taken. Raises OSError."""
        descriptor = open_lock(self._path)
        deadline = time.monotonic() + wait
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return False
            time.sleep(_PAUSE)
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Release the lock by closing the descriptor; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
