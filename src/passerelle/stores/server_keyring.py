"""The keyring of an organisation in a PostgreSQL of its own, apart from the journal's: for more than one machine."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import delete, inspect, select, text

from passerelle.stores.database import open_server, open_writer
from passerelle.stores.keyring import LOCK, Keyring, metadata
from passerelle.stores.tenant_tables import guard_tables
from passerelle.vocabulary.errors import FatalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from passerelle.stores.data_keys import KeyStore

_ABOUT = metadata.tables["about"]


def open_server_keyring(url: str, organisation: str, wrapping_key: bytes, *, create: bool) -> Keyring:
    """Open the keyring of an organisation, made where it has none when `create` is set.

    Raises as `Keyring.open` does, and FatalError `incident.database.*`.
    """
    return open_keyring_on(open_server(url, organisation), wrapping_key, create=create)


def open_keyring_on(engine: Engine, wrapping_key: bytes, *, create: bool) -> Keyring:
    """Open the keyring of the organisation of an engine, which is closed with it. Raises as `Keyring.open` does."""
    try:
        with _open_tables(engine) as connection:
            if not create:
                _refuse_missing(connection)
        return Keyring(engine, wrapping_key)
    except BaseException:
        engine.dispose()
        raise


def copy_to_server(keyring: KeyStore, url: str, organisation: str) -> None:
    """Copy every key of a keyring there. Raises UsageError `usage.move.taken` where the organisation has some."""
    engine = open_server(url, organisation)
    try:
        with _open_tables(engine) as connection:
            if _has_keys(connection):
                raise UsageError("usage.move.taken")
            keyring.carry_keys(connection)
    finally:
        engine.dispose()


def destroy_server_keyring(url: str, organisation: str) -> None:
    """Destroy every key of an organisation, also where nothing opens them any more."""
    engine = open_server(url, organisation)
    try:
        with _open_tables(engine) as connection:
            for table in metadata.sorted_tables:
                connection.execute(delete(table))
    finally:
        engine.dispose()


@contextmanager
def _open_tables(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that writes, with the tables made and guarded."""
    with open_writer(engine) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
        if not inspect(connection).has_table("key_block"):
            metadata.create_all(connection)
            guard_tables(connection, metadata.tables.keys())
        yield connection


def _refuse_missing(connection: Connection) -> None:
    if not _has_keys(connection):
        raise FatalError("incident.keyring.missing")


def _has_keys(connection: Connection) -> bool:
    return connection.execute(select(_ABOUT.c.word).limit(1)).first() is not None
