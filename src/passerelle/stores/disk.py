"""Helpers for files that must survive a power cut: private folders, fsync of folders, errors without paths."""

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

# A user's quota counts as a full disk: the remedy is the same.
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def translate_disk_errors() -> Iterator[None]:
    """Translate an OSError of our own files into a FatalError, without the path that its text holds."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise FatalError("incident.disk.full") from None
        cause = errno.errorcode.get(error.errno or 0, "OSError")
        raise FatalError("incident.disk.failed", cause=cause) from None


def make_private_folder(folder: Path) -> None:
    """Create a folder with mode 0700. An existing one keeps its mode: it may hold other things."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder durable. Windows has no such call: NTFS journals the rename itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
