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

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from passerelle.vocabulary.turns import FlowKey


@contextmanager
def claim_flow(engine: Engine, flow: str) -> Iterator[None]:
    """Hold the flow. Raises TransientError `incident.flow.busy` when another process holds it."""
    # Names come from the settings: hashed, they can neither leave the folder nor be too long for a file name.
    # In a shared journal the flows of all organisations have a lock each; no name of an organisation has a slash.
    path = find_sqlite_path(engine)
    name = _name_lock(flow if path else f"{find_organisation(engine)}/{flow}")
    with _claim_by_file(path, name, flow) if path else _claim_by_advisory_lock(engine, name, flow):
        yield


@contextmanager
def _claim_by_file(path: Path, name: bytes, flow: str) -> Iterator[None]:
    lock = FileLock(path.with_name(f"{path.name}-flow-{name.hex()[:16]}"))
    with translate_disk_errors():
        acquired = lock.acquire()
    if not acquired:
        raise TransientError("incident.flow.busy", flow=flow)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _claim_by_advisory_lock(engine: Engine, name: bytes, flow: str) -> Iterator[None]:
    """Hold a session-level advisory lock, on a connection of its own: the server frees it when the connection ends."""
    number = {"number": _to_number(name)}
    with open_advisory(engine) as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:number)"), number).scalar():
            raise TransientError("incident.flow.busy", flow=flow)
        _overtake_dead(engine, flow)
        yield


def is_claimed(connection: Connection, key: FlowKey) -> bool:
    """Whether a command has a flow; until the transaction ends nobody else can claim it. False on SQLite."""
    if connection.dialect.name != "postgresql":
        return False
    number = {"number": _to_number(_name_lock(f"{key.organisation}/{key.flow}"))}
    return not connection.execute(text("SELECT pg_try_advisory_xact_lock_shared(:number)"), number).scalar()


def _name_lock(words: str) -> bytes:
    return hashlib.sha256(words.encode()).digest()


def _to_number(name: bytes) -> int:
    """Return the number of an advisory lock, which is a signed one of 64 bits."""
    return int.from_bytes(name[:8], "big", signed=True)


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
