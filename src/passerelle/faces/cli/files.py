"""Files that a command line names: what the system refuses becomes one plain sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def refuse_unreadable(path: Path) -> Iterator[None]:
    """Raise UsageError where the system refuses to open, read or write a file or folder."""
    try:
        yield
    except OSError:
        # the name alone, and no chained exception: its text holds the whole path, which may name a person
        raise UsageError("usage.file.unreadable", file=path.name) from None
