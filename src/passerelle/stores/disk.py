"""Helpers for files of the state: private folders, errors without paths."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.safe_files import sync_folder

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
