"""Files that are there whole or not at all, also after a power cut; disk faults named without their paths."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FlowError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Not every system has all of these names.
_NO_ROOM = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name))
_FAILING = frozenset(
    getattr(errno, name) for name in ("EIO", "ESTALE", "ETIMEDOUT", "EHOSTDOWN") if hasattr(errno, name)
)
"""What a disk, or a share on another machine, answers while it is ill."""


def write_through(path: Path, content: bytes | Iterable[bytes | memoryview]) -> None:
    """Write a file whose bytes, given whole or piece by piece, survive a power cut from here on."""
    with path.open("wb") as stream:
        stream.writelines((content,) if isinstance(content, bytes) else content)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(path: Path) -> None:
    """Make a folder's entries survive a power cut. Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def translate_disk_faults(code: str) -> Iterator[None]:
    """Turn an OSError, whose text holds a path, into a FlowError `code`.

    Where the disk is full or ill, into a TransientError: it is the flow's, other flows have other disks, and it passes
    without anybody touching the settings.
    """
    try:
        yield
    except OSError as problem:
        if problem.errno in _NO_ROOM:
            raise TransientError("incident.folder.full") from None
        if problem.errno in _FAILING:
            raise TransientError("incident.folder.failing") from None
        raise FlowError(code) from None
