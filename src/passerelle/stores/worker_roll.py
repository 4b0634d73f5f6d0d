"""The roll of workers: which of them give signs of life, and which organisations each of them serves.

Beside the tables of the queue, and lost with them without harm: names of organisations and versions, nothing of theirs.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from passerelle.stores.database import open_reader, open_writer
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, Engine

_MAKE = text(
    "CREATE TABLE IF NOT EXISTS passerelle_worker (owner text PRIMARY KEY, serves text[] NOT NULL,"
    " queue_version text NOT NULL, beat_at timestamptz NOT NULL)"
)
_SIGN = text(
    "INSERT INTO passerelle_worker VALUES (:owner, :serves, :queue_version, clock_timestamp())"
    " ON CONFLICT (owner) DO UPDATE SET serves = excluded.serves, beat_at = excluded.beat_at"
)
_STRIKE = text(
    "DELETE FROM passerelle_worker WHERE owner = :owner OR beat_at < clock_timestamp() - make_interval(days => 1)"
)
_LIST = text(
    "SELECT serves, queue_version FROM passerelle_worker"
    " WHERE beat_at > clock_timestamp() - make_interval(secs => :seconds)"
)
_IS_THERE = text("SELECT to_regclass('passerelle_worker') IS NOT NULL")


@dataclass(frozen=True, slots=True)
class RolledWorker:
    """A worker that gives signs of life."""

    serves: Sequence[str]
    queue_version: str
    """The version of the library of the queue that it has."""


def make_roll(connection: Connection) -> None:
    """Make the table where it is not there yet; the caller sees to it that nobody else does at the same time."""
    connection.execute(_MAKE)


def sign_roll(engine: Engine, owner: str, serves: Collection[str], queue_version: str) -> None:
    """Note that a worker lives, and whom it serves now."""
    said = {"owner": owner, "serves": sorted(serves), "queue_version": queue_version}
    with open_writer(engine) as connection:
        connection.execute(_SIGN, said)


def leave_roll(engine: Engine, owner: str) -> None:
    """Take a worker that ends out of the roll, and those that have been silent for a day."""
    with open_writer(engine) as connection:
        connection.execute(_STRIKE, {"owner": owner})


def list_workers(engine: Engine, silent: float) -> list[RolledWorker]:
    """List the workers that gave a sign of life in the last so many seconds."""
    with open_reader(engine) as connection:
        if not connection.execute(_IS_THERE).scalar():
            return []
        return [RolledWorker(*row) for row in connection.execute(_LIST, {"seconds": silent})]


def count_servers(workers: Collection[RolledWorker]) -> Counter[str]:
    """Count the workers of each organisation."""
    return Counter(name for worker in workers for name in set(worker.serves))
