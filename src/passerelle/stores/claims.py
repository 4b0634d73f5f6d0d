"""Exclusive claims on flows: at most one process works on a flow, and a dead process holds none."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

from passerelle.stores.database import find_sqlite_path, open_advisory
from passerelle.stores.disk import translate_disk_errors
from passerelle.stores.filelock import FileLock
from passerelle.stores.tenancy import find_organisation
from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@contextmanager
def claim_flow(engine: Engine, flow: str) -> Iterator[None]:
    """Hold the flow. Raises TransientError `incident.flow.busy` when another process holds it."""
    # Names come from the settings: hashed, they can neither leave the folder nor be too long for a file name.
    # In a shared journal the flows of all organisations have a lock each; no name of an organisation has a slash.
    path = find_sqlite_path(engine)
    name = hashlib.sha256((flow if path else f"{find_organisation(engine)}/{flow}").encode()).digest()
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
    # Advisory locks are named by a signed 64-bit number.
    number = {"number": int.from_bytes(name[:8], "big", signed=True)}
    with open_advisory(engine) as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:number)"), number).scalar():
            raise TransientError("incident.flow.busy", flow=flow)
        yield
