"""The ids that destinations gave to records, sealed, by the keyed pseudonyms of their refs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from passerelle.stores import schema
from passerelle.stores.database import insert_into, iter_slices
from passerelle.stores.scopes import find_scope_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import DeliveredRecords

_REMOTE = schema.known_remote.c


def find_remote_ids(
    connection: Connection, seal: Seal, scope: tuple[str, str], ref_keys: Sequence[bytes]
) -> dict[bytes, str]:
    """Return the destination's own ids by ref key, where it gave one."""
    scope_id = find_scope_id(connection, *scope)
    remote_ids: dict[bytes, str] = {}
    # Files and tables give no ids: one look saves a statement for each slice of refs.
    if connection.execute(select(_REMOTE.ref_key).where(_REMOTE.scope_id == scope_id).limit(1)).first() is None:
        return remote_ids
    for some_keys in iter_slices(ref_keys):
        wanted = select(_REMOTE.ref_key, _REMOTE.remote).where(
            _REMOTE.scope_id == scope_id, _REMOTE.ref_key.in_(some_keys)
        )
        for key, sealed in connection.execute(wanted):
            remote_ids[key] = seal.open(sealed, about=key).decode()
    return remote_ids


def page_remote_ids(
    connection: Connection, seal: Seal, scope: tuple[str, str], after: bytes, limit: int
) -> list[tuple[bytes, str]]:
    """Return one page of (ref key, remote id) after a key, in order; the id is empty where it was forgotten."""
    wanted = select(_REMOTE.ref_key, _REMOTE.remote).where(
        _REMOTE.scope_id == find_scope_id(connection, *scope), _REMOTE.ref_key > after
    )
    rows = connection.execute(wanted.order_by(_REMOTE.ref_key).limit(limit)).all()
    return [(key, seal.open(sealed, about=key).decode()) for key, sealed in rows]


def forget_remote_ids(connection: Connection, seal: Seal, scope: tuple[str, str], ref_keys: Sequence[bytes]) -> None:
    """Overwrite remote ids of records that the destination no longer has; the rows stay: they were delivered once."""
    scope_id = find_scope_id(connection, *scope)
    for key in ref_keys:
        emptied = update(schema.known_remote).where(_REMOTE.scope_id == scope_id, _REMOTE.ref_key == key)
        connection.execute(emptied.values(remote=seal.seal(b"", about=key)))


def remember_remote_ids(connection: Connection, seal: Seal, scope_id: int, records: DeliveredRecords) -> None:
    """Store the ids that came with delivered records, in the caller's transaction; the last one of a ref counts."""
    if not records.remote_ids:
        return
    # A mapping keeps the last id of a ref that was delivered twice in the batch.
    last = {key: remote for key, remote in zip(records.list_keys(), records.remote_ids, strict=True) if remote}
    rows = [
        {"scope_id": scope_id, "ref_key": key, "remote": seal.seal(remote.encode(), about=key)}
        for key, remote in sorted(last.items())
    ]
    fresh = insert_into(connection, schema.known_remote)
    upsert = fresh.on_conflict_do_update(index_elements=["scope_id", "ref_key"], set_={"remote": fresh.excluded.remote})
    if rows:
        connection.execute(upsert, rows)
