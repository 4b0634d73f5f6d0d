"""What the destination already has: one line per record, found by keyed pseudonym."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Integer, func, literal, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, slices
from passerelle.stores.settlement import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import KnownRecord

_KNOWN = schema.known.c
_SCOPE = schema.scope.c
_BINARY = ("ref_key", "content", "remote")


def look_up(
    connection: Connection, seal: Seal, scope: tuple[str, str], ref_keys: Sequence[bytes]
) -> dict[bytes, Known]:
    """Find what is remembered of these refs in a scope (flow, contract). Memory: the answer and one slice."""
    found: dict[bytes, Known] = {}
    columns = (_KNOWN.ref_key, _KNOWN.content, _KNOWN.version, schema.parcel.c.digest, _KNOWN.remote)
    rows = select(*columns).select_from(schema.known.join(schema.parcel)).where(_KNOWN.scope_id == _scope_id(*scope))
    for some in slices(ref_keys):
        for key, content, version, parcel, remote in connection.execute(rows.where(_among(connection, some))).all():
            words = seal.open(remote, about=key).decode() if remote else ""
            found[key] = Known(content, version, parcel, words)
    return found


def remember(connection: Connection, seal: Seal, flow: str, parcel_id: int, records: Iterable[KnownRecord]) -> None:
    """Write what was delivered, in the caller's transaction; of two of the same ref the later one counts."""
    scopes: dict[str, dict[bytes, KnownRecord]] = {}
    for record in records:
        scopes.setdefault(record.contract, {})[record.ref_key] = record
    for contract, last in scopes.items():
        fixed = {"scope_id": _scope(connection, flow, contract), "parcel_id": parcel_id}
        rows = [
            {
                "ref_key": record.ref_key,
                "content": record.content,
                "version": record.version,
                "remote": seal.seal(record.remote.encode(), about=record.ref_key) if record.remote else None,
            }
            for record in sorted(last.values(), key=attrgetter("ref_key"))  # neighbours in the index, together
        ]
        _upsert(connection, fixed, rows)


def _among(connection: Connection, ref_keys: Sequence[bytes]) -> ColumnElement[bool]:
    """Ask for many refs."""
    if connection.dialect.name == "postgresql":
        return _KNOWN.ref_key.in_(select(_unnested(ref_keys)))
    return _KNOWN.ref_key.in_(ref_keys)


def _upsert(connection: Connection, fixed: dict[str, int], rows: Sequence[dict[str, Any]]) -> None:
    insert = insert_into(connection, schema.known)
    fresh = {name: insert.excluded[name] for name in ("content", "version", "parcel_id", "remote")}
    many: list[dict[str, Any]] | None = None
    if connection.dialect.name == "postgresql":
        columns: dict[str, ColumnElement[Any]] = {name: literal(value) for name, value in fixed.items()}
        columns |= {name: _unnested([row[name] for row in rows]) for name in _BINARY}
        columns["version"] = func.unnest(literal([row["version"] for row in rows], ARRAY(Integer)))
        insert = insert.from_select(list(columns), select(*columns.values()))
    else:
        many = [fixed | row for row in rows]
    connection.execute(insert.on_conflict_do_update(index_elements=["scope_id", "ref_key"], set_=fresh), many)


def _unnested(values: Sequence[bytes | None]) -> ColumnElement[Any]:
    """Hand many byte strings to PostgreSQL as one text in hexadecimal: the driver is slow at arrays of bytes."""
    words = literal(",".join("-" if value is None else value.hex() for value in values))
    return func.decode(func.unnest(func.string_to_array(words, ",", "-")), "hex")


def _scope_id(flow: str, contract: str) -> Any:
    return select(_SCOPE.id).where(_SCOPE.flow == flow, _SCOPE.contract == contract).scalar_subquery()


def _scope(connection: Connection, flow: str, contract: str) -> int:
    """Number a scope, so that a million lines need not repeat its words."""
    values = insert_into(connection, schema.scope).values(flow=flow, contract=contract)
    connection.execute(values.on_conflict_do_nothing(index_elements=["flow", "contract"]))
    return int(connection.execute(select(_scope_id(flow, contract))).scalar_one())
