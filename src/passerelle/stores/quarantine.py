"""The quarantine: records set aside, sealed until they are replayed, discarded or expired."""

from __future__ import annotations

import json
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import lru_cache
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from passerelle.stores import schema
from passerelle.stores.database import iter_slices, open_reader, open_writer, truncate_wal
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row, Select

    from passerelle.stores.fingerprint_index import FingerprintIndex
    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import QuarantineItem, Settlement

_TOGETHER = 250
"""Rows that one statement inserts: with its columns it stays below SQLite's 32 766 parameters."""
_ITEM = schema.quarantine.c
_PARCEL = schema.parcel.c
_JOINED = schema.quarantine.join(schema.parcel, schema.quarantine.c.parcel_id == schema.parcel.c.id)


_BEFORE = {
    QuarantineState.WAITING: QuarantineState.REPLAYING,
    QuarantineState.REPLAYING: QuarantineState.WAITING,
    QuarantineState.REPLAYED: QuarantineState.REPLAYING,
    QuarantineState.DISCARDED: QuarantineState.WAITING,
    QuarantineState.EXPIRED: QuarantineState.WAITING,
    QuarantineState.SUPERSEDED: QuarantineState.WAITING,
}
"""The one state from which an item may move to each state."""
_ENDS = frozenset(
    {QuarantineState.REPLAYED, QuarantineState.DISCARDED, QuarantineState.EXPIRED, QuarantineState.SUPERSEDED}
)


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A quarantined record as it is listed: everything but its payload."""

    id: int
    flow: str
    parcel: str
    batch: int
    state: QuarantineState
    fate: Fate
    reason: str
    place: Place
    details: Mapping[str, str]
    contract: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class QuarantineCause:
    """The number of quarantined items that share one cause."""

    flow: str
    fate: Fate
    reason: str
    contract: str
    member: str
    column: str
    field: str
    count: int
    details: Mapping[str, str] = dataclass_field(default_factory=dict)
    """Details of one of the items, as an example."""


class Quarantine:
    """The quarantined items of all flows; `Journal.settle` adds them. Whoever opens payloads must audit it."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal

    def list_rows(
        self,
        *,
        flow: str = "",
        fate: str = "",
        reason: str = "",
        state: str = QuarantineState.WAITING,
        limit: int | None = None,
    ) -> tuple[QuarantineRow, ...]:
        """List items, oldest first, without payload. An empty criterion does not restrict."""
        rows = select(schema.quarantine, _PARCEL.flow, _PARCEL.key).select_from(_JOINED)
        statement = _narrow(rows, flow=flow, fate=fate, reason=reason, state=state).order_by(_ITEM.id).limit(limit)
        with open_reader(self._engine) as connection:
            return tuple(_to_row(row) for row in connection.execute(statement))

    def list_causes(self, *, flow: str = "", state: str = QuarantineState.WAITING) -> tuple[QuarantineCause, ...]:
        """Count items by cause, most frequent first."""
        by = (_PARCEL.flow, _ITEM.fate, _ITEM.reason, _ITEM.contract, _ITEM.member, _ITEM.column_name, _ITEM.field)
        count = func.count().label("items")
        example = func.min(_ITEM.facts).label("example")
        counted = select(*by, count, example).select_from(_JOINED).group_by(*by)
        statement = _narrow(counted, flow=flow, state=state).order_by(count.desc(), *by)
        with open_reader(self._engine) as connection:
            rows = connection.execute(statement).all()
        return tuple(
            QuarantineCause(flow, Fate(fate), reason, contract, member, column, field, count, json.loads(details))
            for flow, fate, reason, contract, member, column, field, count, details in rows
        )

    def open_payloads(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return opened payloads by id; ids that are unknown or whose payload was destroyed are absent.

        Raises FatalError `incident.seal.broken` when a payload was changed or moved.
        """
        columns = (_ITEM.id, _PARCEL.flow, _PARCEL.key, _ITEM.number, _ITEM.ordinal, _ITEM.payload)
        wanted = select(*columns).select_from(_JOINED).where(_ITEM.payload.is_not(None))
        opened: dict[int, bytes] = {}
        with open_reader(self._engine) as connection:
            for some_ids in iter_slices(sorted(set(ids))):
                for row in connection.execute(wanted.where(_ITEM.id.in_(some_ids)).order_by(_ITEM.id)):
                    opened[row.id] = self._seal.open(row.payload, about=_bind_payload(*row[1:5]))
        return opened

    def move_items(self, ids: Iterable[int], state: str, now: datetime) -> int:
        """Move items to a state and return how many could: an item in a final state stays as it is.

        Discarding destroys the payload with its data key.
        """
        target = QuarantineState(state)
        with open_writer(self._engine) as connection:
            moved = sum(
                connection.execute(_build_move(target, now).where(_ITEM.id.in_(some_ids))).rowcount
                for some_ids in iter_slices(sorted(set(ids)))
            )
        if target in _ENDS:  # or the destroyed payload would stay readable in the log
            truncate_wal(self._engine)
        return moved

    def expire(self, now: datetime) -> int:
        """Destroy the payload of waiting items whose retention is over and return their number."""
        with open_writer(self._engine) as connection:
            expired = connection.execute(
                _build_move(QuarantineState.EXPIRED, now).where(_ITEM.expires_at <= now)
            ).rowcount
        if expired:
            truncate_wal(self._engine)
        return expired


def insert_items(connection: Connection, seal: Seal, earlier: FingerprintIndex, settlement: Settlement) -> None:
    """Insert the items of a batch, each sealed for its own place, in the caller's transaction.

    Waiting items of earlier parcels with the same likeness become superseded.
    """
    items, batch = settlement.quarantined, settlement.batch
    likenesses = _pseudonymise_likenesses(seal, settlement)
    for older in iter_slices(earlier.find_ids(likenesses)):
        connection.execute(_build_move(QuarantineState.SUPERSEDED, settlement.at).where(_ITEM.id.in_(older)))
    same = {
        "parcel_id": earlier.parcel_id,
        "number": batch.number,
        "state": QuarantineState.WAITING.value,
        "created_at": schema.to_microseconds(settlement.at),
        "replay": "",
    }
    shared = {name: repeat(value, len(items)) for name, value in same.items()}
    own = {"ordinal": range(len(items)), "likeness": likenesses, "payload": _seal_payloads(seal, settlement)}
    _insert_columns(connection, {**shared, **own, **_to_columns(items)})


def _seal_payloads(seal: Seal, settlement: Settlement) -> Iterator[bytes]:
    """Yield sealed payloads, one statement's worth at a time, so that not all are in memory twice."""
    items, batch = settlement.quarantined, settlement.batch
    for start in range(0, len(items), _TOGETHER):
        numbered = enumerate(items[start : start + _TOGETHER], start)
        places = [
            (item.payload, _bind_payload(settlement.flow, batch.parcel, batch.number, nth)) for nth, item in numbered
        ]
        yield from seal.seal_each(places)


def _insert_columns(connection: Connection, columns: Mapping[str, Iterable[Any]]) -> None:
    """Insert rows through the driver: a night may set a million aside, and SQLAlchemy would process every value.

    SQLite releases the interpreter lock during a statement, so one with many rows lets other threads work. The driver
    caches statements by their text: hence two of them, not one for each number of rows.
    """
    wanted = insert(schema.quarantine).inline()  # nobody asks for the ids: no RETURNING
    statement = wanted.compile(dialect=connection.dialect, column_keys=list(columns))
    names = statement.positiontup or list(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    if not statement.positiontup:
        connection.exec_driver_sql(str(statement), [dict(zip(names, row, strict=True)) for row in rows])
        return
    single = str(statement)
    head, values = single.split(" VALUES ")
    many = f"{head} VALUES {', '.join([values] * _TOGETHER)}"
    while some_rows := list(islice(rows, _TOGETHER)):
        if len(some_rows) == _TOGETHER:
            connection.exec_driver_sql(many, tuple(chain.from_iterable(some_rows)))
        else:
            connection.exec_driver_sql(single, some_rows)


def _pseudonymise_likenesses(seal: Seal, settlement: Settlement) -> list[bytes | None]:
    """Return for each item the keyed pseudonym of its likeness and cause; None for an item without likeness."""
    # With flow, contract and reason: the same row refused for another reason is another item.
    items = settlement.quarantined
    asides = [item.aside for item in items]
    causes = [f"{settlement.flow}/{aside.contract}/{aside.fate}/{aside.reason}" for aside in asides]
    texts = [f"{cause}/{item.likeness}" for cause, item in zip(causes, items, strict=True)]
    pairs = zip(items, seal.pseudonymise_each("likeness", texts), strict=True)
    return [likeness if item.likeness else None for item, likeness in pairs]


def attach_items(connection: Connection, ids: Iterable[int], parcel: str) -> None:
    """Attach the waiting ones of these items to a replay parcel (its key), in the caller's transaction.

    They are REPLAYING until the journal closes the parcel (then REPLAYED) or parks it (then WAITING again).
    """
    carried = update(schema.quarantine).where(_ITEM.state == QuarantineState.WAITING)
    for some_ids in iter_slices(sorted(set(ids))):
        connection.execute(carried.where(_ITEM.id.in_(some_ids)).values(state=QuarantineState.REPLAYING, replay=parcel))


def follow_replay(connection: Connection, parcel: str, state: QuarantineState, now: datetime | None = None) -> None:
    """Move the items attached to a replay parcel to a state, in the caller's transaction."""
    connection.execute(_build_move(state, now).where(_ITEM.replay == parcel))


def _to_columns(items: Sequence[QuarantineItem]) -> dict[str, Sequence[Any]]:
    """Return the columns whose values differ from item to item."""
    # Expiry depends on the reason, so there are few different moments: each is converted once.
    ends = {moment: schema.to_microseconds(moment) for moment in {item.expires_at for item in items}}
    asides = [item.aside for item in items]
    line, last_line, member, column, field = zip(*(aside.place for aside in asides), strict=True)
    return {
        "fate": [str(aside.fate) for aside in asides],
        "reason": [aside.reason for aside in asides],
        "contract": [aside.contract for aside in asides],
        "line": line,
        "last_line": last_line,
        "member": member,
        "column_name": column,
        "field": field,
        "facts": [_dump_details(tuple(aside.details.items())) for aside in asides],
        "expires_at": [ends[item.expires_at] for item in items],
    }


# Cached: details hold bounds and expected shapes, which most items of a batch share.
@lru_cache(maxsize=1024)
def _dump_details(details: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(dict(sorted(details)), ensure_ascii=False)


def _build_move(target: QuarantineState, now: datetime | None) -> Any:
    """Return the UPDATE that moves items to `target`, to be restricted by the caller."""
    move = update(schema.quarantine).where(_ITEM.state == _BEFORE[target]).values(state=target)
    if target in _ENDS:
        return move.values(payload=None, closed_at=now)
    return move


def _narrow(
    statement: Select[Any], *, flow: str = "", fate: str = "", reason: str = "", state: str = ""
) -> Select[Any]:
    wanted = ((_PARCEL.flow, flow), (_ITEM.fate, fate), (_ITEM.reason, reason), (_ITEM.state, state))
    return statement.where(*(column == word for column, word in wanted if word))


def _bind_payload(flow: str, parcel: str, number: int, ordinal: int) -> bytes:
    return f"quarantine/{flow}/{parcel}/{number}/{ordinal}".encode()


def _to_row(row: Row[Any]) -> QuarantineRow:
    return QuarantineRow(
        id=row.id,
        flow=row.flow,
        parcel=row.key,
        batch=row.number,
        state=QuarantineState(row.state),
        fate=Fate(row.fate),
        reason=row.reason,
        place=Place(row.line, row.last_line, row.member, row.column_name, row.field),
        details=json.loads(row.facts),
        contract=row.contract,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
