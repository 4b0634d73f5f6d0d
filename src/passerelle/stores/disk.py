"""Files that must survive a power cut: private modes, folders that are synced, errors that name no file."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def translate_disk_errors() -> Iterator[None]:
    """Turn an OSError of our own files into a FatalError, without the path that its text holds."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise FatalError("incident.disk.full") from None
        cause = errno.errorcode.get(error.errno or 0, "OSError")
        raise FatalError("incident.disk.failed", cause=cause) from None


def make_private_folder(folder: Path) -> None:
    """Create the folder for us alone. One that is already there keeps its rights: it may hold other things."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder durable. Windows has no such call: there the rename itself is journalled."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
