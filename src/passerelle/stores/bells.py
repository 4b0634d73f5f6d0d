"""The bell on PostgreSQL: waiting turns in the tables of procrastinate, rung on the caller's own connection, by SQL.

The queue is a bell and the journal the truth: a row says that a flow has something to do, never that something was
done. It holds two ids and nothing else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import text

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.instants import to_microseconds
from passerelle.stores.tenancy import lend_engine
from passerelle.stores.turns import mark_due, read_now
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.turns import FlowKey

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

TASK = "turn"
"""What is in the queues: each organisation has one, of its own name, which its workers alone answer."""
_KEPT_DAYS = 7
"""How long a bell that failed is kept, for people to see."""

# Not by procrastinate's function, which raises where a bell waits already, and an error ends the caller's transaction.
_RING = text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)"
    " VALUES (:queue, :task, :lock, CAST(:args AS jsonb))"
    " ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING"
)
# The next flow of an organisation is rung for while fewer than so many of it wait: whoever has thousands of flows
# stands in line with a few of them, and keeps nobody waiting.
_RING_NEXT = text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)"
    " SELECT CAST(:queue AS text), CAST(:task AS text), CAST(:lock AS text), CAST(:args AS jsonb)"
    " WHERE (SELECT count(*) FROM procrastinate_jobs"
    " WHERE status = 'todo' AND queue_name = CAST(:queue AS text)) < :most"
    " ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING"
)
_LIST_RUNG = text(
    "SELECT DISTINCT args ->> 'organisation' AS organisation, args ->> 'flow' AS flow FROM procrastinate_jobs"
    " WHERE status = 'todo' AND queue_name = args ->> 'organisation' AND task_name = :task AND scheduled_at IS NULL"
    " AND queueing_lock = (args ->> 'organisation') || '/' || (args ->> 'flow')"
)
# What waits in our queues and is no bell, also one whose time was put off: only a row of our own making is answered.
_DROP_RUBBISH = text(
    "DELETE FROM procrastinate_jobs WHERE id IN (SELECT id FROM procrastinate_jobs WHERE status = 'todo'"
    " AND (task_name <> :task OR queue_name IS DISTINCT FROM args ->> 'organisation' OR scheduled_at IS NOT NULL"
    " OR lock IS NOT NULL"
    " OR queueing_lock IS DISTINCT FROM (args ->> 'organisation') || '/' || (args ->> 'flow'))"
    " FOR UPDATE SKIP LOCKED)"
)
# A worker that is dead, or silent for longer than `seconds`. Its row goes: whether its flow has something to do is
# asked of the table of turns, so that no row has to come back beside its successor.
_DROP_STALLED = text(
    "DELETE FROM procrastinate_jobs WHERE id IN (SELECT job.id FROM procrastinate_jobs job"
    " LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id WHERE job.status = 'doing'"
    " AND (worker.id IS NULL OR worker.last_heartbeat < clock_timestamp() - make_interval(secs => :seconds))"
    " FOR UPDATE OF job SKIP LOCKED)"
)
_DROP_OLD = text(
    "DELETE FROM procrastinate_jobs job WHERE status NOT IN ('todo', 'doing') AND NOT EXISTS (SELECT 1 FROM"
    " procrastinate_events event WHERE event.job_id = job.id"
    " AND event.at > clock_timestamp() - make_interval(days => :days))"
)
_DROP_WORKERS = text(
    "DELETE FROM procrastinate_workers WHERE id IN (SELECT id FROM procrastinate_workers"
    " WHERE last_heartbeat < clock_timestamp() - make_interval(secs => :seconds) FOR UPDATE SKIP LOCKED)"
)
_COUNT = text(
    "SELECT count(*) FILTER (WHERE status = 'todo') AS waiting, count(*) FILTER (WHERE status = 'doing') AS answered,"
    " count(*) FILTER (WHERE status NOT IN ('todo', 'doing')) AS failed,"
    " (SELECT count(*) FROM procrastinate_workers"
    " WHERE last_heartbeat > clock_timestamp() - make_interval(secs => :seconds)) AS workers FROM procrastinate_jobs"
)
_COUNT_EACH = text(
    "SELECT queue_name, count(*) FILTER (WHERE status = 'todo'),"
    " count(*) FILTER (WHERE status NOT IN ('todo', 'doing'))"
    " FROM procrastinate_jobs GROUP BY queue_name"
)


@dataclass(frozen=True, slots=True)
class BellCounts:
    """How many bells there are, by what became of them, and how many workers give signs of life."""

    waiting: int
    answered: int
    """Those that a worker has in hand."""
    failed: int
    workers: int


def ring_on(connection: Connection, key: FlowKey, most: int = 0) -> None:
    """Ring for a flow in the caller's transaction; where a bell waits already, nothing is to be done.

    `most`: not where so many bells of its organisation wait, each of which rings for the next when it is answered.
    """
    args = json.dumps({"organisation": key.organisation, "flow": key.flow})
    said = {"queue": key.organisation, "task": TASK, "lock": str(key), "args": args}
    if most:
        connection.execute(_RING_NEXT, {**said, "most": most})
    else:
        connection.execute(_RING, said)


class Bells:
    """The bells of a database, as the port `Bell`. `stalled_after`: seconds of silence after which a worker is dead."""

    def __init__(self, engine: Engine, *, stalled_after: float = 30.0) -> None:
        self._engine = engine
        self._stalled_after = stalled_after

    def ring(self, key: FlowKey) -> None:
        """Ring for a flow and note that it is due, in one transaction."""
        with open_writer(lend_engine(self._engine, key.organisation)) as connection:
            mark_due(connection, key, read_now(connection))
            ring_on(connection, key)

    def ring_later(self, key: FlowKey, at: datetime) -> None:
        """Note when a flow is due, and a sweep rings: nothing waits in the queue before its time."""
        with open_writer(lend_engine(self._engine, key.organisation)) as connection:
            mark_due(connection, key, at)

    def list_rung(self) -> Collection[FlowKey]:
        """List the flows for which a bell waits."""
        with open_reader(self._engine) as connection:
            rows = connection.execute(_LIST_RUNG, {"task": TASK}).all()
        return {FlowKey(row.organisation, row.flow) for row in rows}

    def clear(self) -> int:
        """Take away what is no bell, the bells of dead workers, and those that failed long ago; return how many."""
        stalled = {"seconds": self._stalled_after}
        with open_writer(self._engine) as connection:
            count = connection.execute(_DROP_RUBBISH, {"task": TASK}).rowcount
            count += connection.execute(_DROP_STALLED, stalled).rowcount
            count += connection.execute(_DROP_OLD, {"days": _KEPT_DAYS}).rowcount
            connection.execute(_DROP_WORKERS, stalled)
        return count

    def count(self) -> BellCounts:
        """Count bells and workers."""
        with open_reader(self._engine) as connection:
            return BellCounts(*connection.execute(_COUNT, {"seconds": self._stalled_after}).one())

    def count_each(self) -> Mapping[str, tuple[int, int]]:
        """Count the bells of each organisation that has some: those that wait, and those that failed."""
        with open_reader(self._engine) as connection:
            return {name: (waiting, failed) for name, waiting, failed in connection.execute(_COUNT_EACH)}


def find_skew(engine: Engine, now: datetime) -> float:
    """Return by how many seconds a clock is ahead of the server's."""
    with open_reader(engine) as connection:
        return (to_microseconds(now) - to_microseconds(read_now(connection))) / 1e6
