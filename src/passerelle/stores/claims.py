"""Exclusive claims on flows: at most one process works on a flow, and a dead process holds none.

Where several machines share a database, workers hold turns instead (`turns`); who claims a flow there, by a command,
finds it busy while a turn of it is held, and overtakes a turn whose worker is dead.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select, text, update

from passerelle.stores.database import find_sqlite_path, open_advisory, open_writer
from passerelle.stores.disk import translate_disk_errors
from passerelle.stores.filelock import FileLock
from passerelle.stores.tenancy import find_organisation
from passerelle.stores.turn_schema import turn
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.turns import FlowKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine


@contextmanager
def claim_flow(engine: Engine, flow: str) -> Iterator[None]:
    """Hold the flow. Raises TransientError `incident.flow.busy` when another process holds it."""
    # Names come from the settings: hashed, they can neither leave the folder nor be too long for a file name.
    path = find_sqlite_path(engine)
    with _claim_by_file(path, flow) if path else _claim_by_advisory_lock(engine, flow):
        yield


@contextmanager
def _claim_by_file(path: Path, flow: str) -> Iterator[None]:
    lock = FileLock(path.with_name(f"{path.name}-flow-{hashlib.sha256(flow.encode()).hexdigest()[:16]}"))
    with translate_disk_errors():
        acquired = lock.acquire()
    if not acquired:
        raise TransientError("incident.flow.busy", flow=flow)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _claim_by_advisory_lock(engine: Engine, flow: str) -> Iterator[None]:
    """Hold a session-level advisory lock, on a connection of its own: the server frees it when the connection ends."""
    number = {"number": _number_lock(FlowKey(find_organisation(engine), flow))}
    with open_advisory(engine) as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:number)"), number).scalar():
            raise TransientError("incident.flow.busy", flow=flow)
        _overtake_dead(engine, flow)
        yield


def is_claimed(connection: Connection, key: FlowKey) -> bool:
    """Whether a command has a flow; until the transaction ends nobody else can claim it. False on SQLite."""
    if connection.dialect.name != "postgresql":
        return False
    number = {"number": _number_lock(key)}
    return not connection.execute(text("SELECT pg_try_advisory_xact_lock_shared(:number)"), number).scalar()


def _number_lock(key: FlowKey) -> int:
    """Return the number of the advisory lock of a flow, a signed one of 64 bits; that of each organisation is another.

    Commands hold it and workers ask for it: both have it from here, or they would not keep one another out.
    """
    return int.from_bytes(hashlib.sha256(str(key).encode()).digest()[:8], "big", signed=True)


def _overtake_dead(engine: Engine, flow: str) -> None:
    """Refuse a flow whose turn is held, and see to it that a worker that was taken for dead writes nothing more."""
    column = turn.c
    with open_writer(engine) as connection:
        moment = text("owner <> '' AND held_until > extract(epoch FROM clock_timestamp()) * 1000000 AS is_held")
        rows = select(moment).select_from(turn).where(column.flow == flow).with_for_update()
        if any(connection.execute(rows).scalars()):
            raise TransientError("incident.flow.busy", flow=flow)
        # also where nobody has it: what a worker remembers of the flow is no longer so
        dead = update(turn).where(column.flow == flow)
        connection.execute(dead.values(fence=column.fence + 1, owner="", held_until=None))
