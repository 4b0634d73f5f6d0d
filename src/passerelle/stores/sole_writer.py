"""A transaction that decides from what it reads: no other one that decides of the same is at work meanwhile.

On PostgreSQL two transactions read the same and then both write, each as if it were alone (READ COMMITTED): two find
the same fault and both tell it. On SQLite whoever writes is alone in any case.
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

from passerelle.stores.database import open_writer
from passerelle.stores.tenancy import lock_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


class WriterLock(IntEnum):
    """What is decided of, by the number of its lock: any, but always the same."""

    HANDINGS = 7_061_740
    DESCRIPTIONS = 7_061_741
    ACCOUNTS = 7_061_742
    INCIDENTS = 7_061_743
    CONSENTS = 7_061_744


@contextmanager
def open_sole_writer(engine: Engine, lock: WriterLock) -> Iterator[Connection]:
    """Yield a connection in one transaction, as `open_writer`; others that decide of the same wait for its end."""
    with open_writer(engine) as connection:
        lock_within(connection, lock)
        yield connection
