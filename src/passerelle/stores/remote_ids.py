"""The ids that destinations gave to records, sealed, by the keyed pseudonyms of their refs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from passerelle.stores import schema
from passerelle.stores.database import insert_into, iter_slices
from passerelle.stores.scopes import find_scope_id
from passerelle.vocabulary.errors import FatalError

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
    if not has_remote_ids(connection, scope):
        return remote_ids
    for some_keys in iter_slices(ref_keys):
        wanted = select(_REMOTE.ref_key, _REMOTE.remote).where(
            _REMOTE.scope_id == scope_id, _REMOTE.ref_key.in_(some_keys)
        )
        for key, sealed in connection.execute(wanted):
            remote_ids[key] = _open_id(seal, key, sealed)
    return remote_ids


def has_remote_ids(connection: Connection, scope: tuple[str, str]) -> bool:
    """Whether the destination gave any record of a scope an id of its own."""
    scope_id = find_scope_id(connection, *scope)
    return connection.execute(select(_REMOTE.ref_key).where(_REMOTE.scope_id == scope_id).limit(1)).first() is not None


def page_remote_ids(
    connection: Connection, seal: Seal, scope: tuple[str, str], after: bytes, limit: int
) -> list[tuple[bytes, str]]:
    """Return one page of (ref key, remote id) after a key, in order; the id is empty where it was forgotten."""
    wanted = select(_REMOTE.ref_key, _REMOTE.remote).where(
        _REMOTE.scope_id == find_scope_id(connection, *scope), _REMOTE.ref_key > after
    )
    rows = connection.execute(wanted.order_by(_REMOTE.ref_key).limit(limit)).all()
    return [(key, _open_id(seal, key, sealed)) for key, sealed in rows]


def forget_remote_ids(connection: Connection, seal: Seal, scope: tuple[str, str], ref_keys: Sequence[bytes]) -> None:
    """Overwrite remote ids of records that the destination no longer has; the rows stay: they were delivered once."""
    scope_id = find_scope_id(connection, *scope)
    for key, sealed in zip(ref_keys, seal.seal_each([(b"", key) for key in ref_keys]), strict=True):
        emptied = update(schema.known_remote).where(_REMOTE.scope_id == scope_id, _REMOTE.ref_key == key)
        connection.execute(emptied.values(remote=sealed))


def remember_remote_ids(connection: Connection, seal: Seal, scope_id: int, records: DeliveredRecords) -> None:
    """Store the ids that came with delivered records, in the caller's transaction; the last one of a ref counts."""
    if not records.remote_ids:
        return
    # A mapping keeps the last id of a ref that was delivered twice in the batch.
    last = {key: remote for key, remote in zip(records.list_keys(), records.remote_ids, strict=True) if remote}
    pairs = sorted(last.items())
    envelopes = seal.seal_each([(remote.encode(), key) for key, remote in pairs])
    rows = [
        {"scope_id": scope_id, "ref_key": key, "remote": sealed}
        for (key, _remote), sealed in zip(pairs, envelopes, strict=True)
    ]
    fresh = insert_into(connection, schema.known_remote)
    upsert = fresh.on_conflict_do_update(index_elements=["scope_id", "ref_key"], set_={"remote": fresh.excluded.remote})
    if rows:
        connection.execute(upsert, rows)


def _open_id(seal: Seal, key: bytes, sealed: bytes) -> str:
    """Open an id; empty when its key was destroyed: the state is a copy of before."""
    try:
        return seal.open(sealed, about=key).decode()
    except FatalError as error:
        if error.code != "incident.seal.destroyed":
            raise
        return ""
