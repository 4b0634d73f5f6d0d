"""What is answered where the library of the queue is not installed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def refuse_missing_library() -> Iterator[None]:
    """Raise UsageError `usage.fleet.missing` where the extra is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(("procrastinate", "psycopg")):
            raise
        raise UsageError("usage.fleet.missing") from None
