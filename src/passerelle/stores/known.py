"""What the destination already has: one line per record, found by keyed pseudonym."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, slices
from passerelle.stores.settlement import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import KnownRecord

_KNOWN = schema.known.c
_SCOPE = schema.scope.c


def look_up(
    connection: Connection, seal: Seal, scope: tuple[str, str], ref_keys: Sequence[bytes]
) -> dict[bytes, Known]:
    """Find what is remembered of these refs in a scope (flow, contract). Memory: the answer and one slice."""
    found: dict[bytes, Known] = {}
    columns = (_KNOWN.ref_key, _KNOWN.content, _KNOWN.version, schema.parcel.c.digest, _KNOWN.remote)
    rows = select(*columns).select_from(schema.known.join(schema.parcel)).where(_KNOWN.scope_id == _scope_id(*scope))
    for some in slices(ref_keys):
        for key, content, version, parcel, remote in connection.execute(rows.where(_KNOWN.ref_key.in_(some))).all():
            words = seal.open(remote, about=key).decode() if remote else ""
            found[key] = Known(content, version, parcel, words)
    return found


def remember(connection: Connection, seal: Seal, flow: str, parcel_id: int, records: Iterable[KnownRecord]) -> None:
    """Write what was delivered, in the caller's transaction; of two of the same ref the later one counts."""
    last = {(record.contract, record.ref_key): record for record in records}
    scopes = {contract: _scope(connection, flow, contract) for contract in {contract for contract, _key in last}}
    rows = [
        {
            "scope_id": scopes[contract],
            "ref_key": key,
            "content": record.content,
            "version": record.version,
            "parcel_id": parcel_id,
            "remote": seal.seal(record.remote.encode(), about=key) if record.remote else None,
        }
        for (contract, key), record in sorted(last.items(), key=itemgetter(0))  # neighbours in the index, together
    ]
    if rows:
        connection.execute(_upsert(connection), rows)


def _upsert(connection: Connection) -> Any:
    insert = insert_into(connection, schema.known)
    fresh = {name: insert.excluded[name] for name in ("content", "version", "parcel_id", "remote")}
    return insert.on_conflict_do_update(index_elements=["scope_id", "ref_key"], set_=fresh)


def _scope_id(flow: str, contract: str) -> Any:
    return select(_SCOPE.id).where(_SCOPE.flow == flow, _SCOPE.contract == contract).scalar_subquery()


def _scope(connection: Connection, flow: str, contract: str) -> int:
    """Number a scope, so that a million lines need not repeat its words."""
    values = insert_into(connection, schema.scope).values(flow=flow, contract=contract)
    connection.execute(values.on_conflict_do_nothing(index_elements=["flow", "contract"]))
    return int(connection.execute(select(_scope_id(flow, contract))).scalar_one())
