"""Disk faults of folders that flows read and write, named without their paths."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FlowError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Not every system has all of these names.
_NO_ROOM = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name))
_FAILING = frozenset(
    getattr(errno, name) for name in ("EIO", "ESTALE", "ETIMEDOUT", "EHOSTDOWN") if hasattr(errno, name)
)
"""What a disk, or a share on another machine, answers while it is ill."""
_AWAY = frozenset(
    getattr(errno, name)
    for name in ("ENOENT", "ENOTCONN", "ENODEV", "ENXIO", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN")
    if hasattr(errno, name)
)
"""What is answered for a folder that is not there: mostly a share that is not mounted. Windows says ENOENT as well."""


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


@contextmanager
def translate_look_faults(code: str) -> Iterator[None]:
    """Turn an OSError of a look at a folder as `translate_disk_faults`, and TransientError where the folder is away."""
    with translate_disk_faults(code):
        try:
            yield
        except OSError as problem:
            if problem.errno in _AWAY:
                raise TransientError("incident.folder.away") from None
            raise
