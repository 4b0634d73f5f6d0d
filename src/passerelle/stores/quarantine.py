"""The quarantine: records that were set aside, sealed, until they are replayed, discarded, or expire."""

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
"""Rows that one statement inserts."""
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
"""The one state that each state may follow."""
_ENDS = frozenset(
    {QuarantineState.REPLAYED, QuarantineState.DISCARDED, QuarantineState.EXPIRED, QuarantineState.SUPERSEDED}
)


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """What may be shown of a quarantined record without opening it."""

    id: int
    flow: str
    parcel: str
    batch: int
    state: QuarantineState
    fate: Fate
    reason: str
    place: Place
    facts: Mapping[str, str]
    contract: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class QuarantineCause:
    """How many items are there for one cause."""

    flow: str
    fate: Fate
    reason: str
    contract: str
    member: str
    column: str
    field: str
    count: int
    facts: Mapping[str, str] = dataclass_field(default_factory=dict)
    """Those of one of the items, as an example."""


class Quarantine:
    """Lists, opens and closes items; `Journal.settle` brings them in. Whoever opens payloads has to audit it."""

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
        """List items, oldest first, without payload. An empty word asks for all."""
        rows = select(schema.quarantine, _PARCEL.flow, _PARCEL.digest).select_from(_JOINED)
        statement = _narrowed(rows, flow=flow, fate=fate, reason=reason, state=state).order_by(_ITEM.id).limit(limit)
        with open_reader(self._engine) as connection:
            return tuple(_row(row) for row in connection.execute(statement))

    def list_causes(self, *, flow: str = "", state: str = QuarantineState.WAITING) -> tuple[QuarantineCause, ...]:
        """Count items by cause, most frequent first."""
        by = (_PARCEL.flow, _ITEM.fate, _ITEM.reason, _ITEM.contract, _ITEM.member, _ITEM.column_name, _ITEM.field)
        count = func.count().label("items")
        example = func.min(_ITEM.facts).label("example")
        counted = select(*by, count, example).select_from(_JOINED).group_by(*by)
        statement = _narrowed(counted, flow=flow, state=state).order_by(count.desc(), *by)
        with open_reader(self._engine) as connection:
            rows = connection.execute(statement).all()
        return tuple(_cause(row) for row in rows)

    def open_payloads(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Open payloads, by id; ids that are unknown or whose payload is gone are left out.

        Raises FatalError `incident.seal.broken` when a payload was changed or moved.
        """
        opened: dict[int, bytes] = {}
        with open_reader(self._engine) as connection:
            for some in iter_slices(sorted(set(ids))):
                for row in connection.execute(_sealed(some)):
                    opened[row.id] = self._seal.open(row.payload, about=_about(*row[1:5]))
        return opened

    def move_items(self, ids: Iterable[int], state: str, now: datetime) -> int:
        """Move items to a state, and say how many could: an ended item stays as it is.

        Discarding destroys the payload with its data key.
        """
        target = QuarantineState(state)
        with open_writer(self._engine) as connection:
            moved = sum(
                connection.execute(_moved(target, now).where(_ITEM.id.in_(some))).rowcount
                for some in iter_slices(sorted(set(ids)))
            )
        if target in _ENDS:
            truncate_wal(self._engine)
        return moved

    def expire(self, now: datetime) -> int:
        """Destroy the payload of waiting items whose time is over; say how many."""
        with open_writer(self._engine) as connection:
            expired = connection.execute(_moved(QuarantineState.EXPIRED, now).where(_ITEM.expires_at <= now)).rowcount
        if expired:
            truncate_wal(self._engine)
        return expired


def insert_items(connection: Connection, seal: Seal, earlier: FingerprintIndex, settlement: Settlement) -> None:
    """Write a batch's items, each sealed for its own place, in the caller's transaction.

    Those of earlier parcels that they are like end: what comes again takes their place.
    """
    items, batch = settlement.quarantined, settlement.batch
    likenesses = _likenesses(seal, settlement)
    _supersede(connection, settlement.at, earlier.find_ids(likenesses))
    same = {
        "parcel_id": earlier.parcel_id,
        "number": batch.number,
        "state": QuarantineState.WAITING.value,
        "created_at": schema.microseconds(settlement.at),
        "replay": "",
    }
    shared = {name: repeat(value, len(items)) for name, value in same.items()}
    own = {"ordinal": range(len(items)), "likeness": likenesses, "payload": _payloads(seal, settlement)}
    _insert(connection, {**shared, **own, **_columns(items)})


def _payloads(seal: Seal, settlement: Settlement) -> Iterator[bytes]:
    """Seal payloads, so many as one statement takes at a time: all of them twice in memory would be too much."""
    items, batch = settlement.quarantined, settlement.batch
    for start in range(0, len(items), _TOGETHER):
        some = enumerate(items[start : start + _TOGETHER], start)
        places = [(item.payload, _about(settlement.flow, batch.parcel, batch.number, nth)) for nth, item in some]
        yield from seal.seal_each(places)


def _insert(connection: Connection, columns: Mapping[str, Iterable[Any]]) -> None:
    """Hand rows to the driver as they are: a night may set a million aside, and SQLAlchemy looks at every value.

    SQLite takes many rows with one statement, during which other threads work; row by row they would wait for each
    other. The driver keeps statements for the next time, so there are two of them, not one for each number of rows.
    """
    wanted = insert(schema.quarantine).inline()  # nobody asks for the ids: no RETURNING
    statement = wanted.compile(dialect=connection.dialect, column_keys=list(columns))
    names = statement.positiontup or list(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    if not statement.positiontup:
        connection.exec_driver_sql(str(statement), [dict(zip(names, row, strict=True)) for row in rows])
        return
    one = str(statement)
    head, values = one.split(" VALUES ")
    many = f"{head} VALUES {', '.join([values] * _TOGETHER)}"
    while some := list(islice(rows, _TOGETHER)):
        if len(some) == _TOGETHER:
            connection.exec_driver_sql(many, tuple(chain.from_iterable(some)))
        else:
            connection.exec_driver_sql(one, some)


def _likenesses(seal: Seal, settlement: Settlement) -> list[bytes | None]:
    """Give each item the keyed pseudonym of its likeness, for this flow."""
    items = settlement.quarantined
    asides = [item.aside for item in items]
    causes = [f"{settlement.flow}/{aside.contract}/{aside.fate}/{aside.reason}" for aside in asides]
    texts = [f"{cause}/{item.likeness}" for cause, item in zip(causes, items, strict=True)]
    known = zip(items, seal.pseudonymise_each("likeness", texts), strict=True)
    return [likeness if item.likeness else None for item, likeness in known]


def _supersede(connection: Connection, at: datetime, older: Sequence[int]) -> None:
    """Let what comes again take the place of what waits since an earlier parcel."""
    for some in iter_slices(older):
        connection.execute(_moved(QuarantineState.SUPERSEDED, at).where(_ITEM.id.in_(some)))


def attach(connection: Connection, ids: Iterable[int], parcel: str) -> None:
    """Let a replay parcel (its digest) carry those of these items that wait, in the caller's transaction.

    They are «replaying» until the journal closes the parcel (then replayed) or parks it (then waiting again).
    """
    carried = update(schema.quarantine).where(_ITEM.state == QuarantineState.WAITING)
    for some in iter_slices(sorted(set(ids))):
        connection.execute(carried.where(_ITEM.id.in_(some)).values(state=QuarantineState.REPLAYING, replay=parcel))


def follow_replay(connection: Connection, parcel: str, state: QuarantineState, now: datetime | None = None) -> None:
    """Move the items that a replay parcel carried last, in the caller's transaction."""
    connection.execute(_moved(state, now).where(_ITEM.replay == parcel))


def _columns(items: Sequence[QuarantineItem]) -> dict[str, Sequence[Any]]:
    """Give what items say of themselves, column by column."""
    ends = {moment: schema.microseconds(moment) for moment in {item.expires_at for item in items}}
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
        "facts": [_facts(tuple(aside.details.items())) for aside in asides],
        "expires_at": [ends[item.expires_at] for item in items],
    }


@lru_cache(maxsize=1024)
def _facts(facts: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(dict(sorted(facts)), ensure_ascii=False)


def _moved(target: QuarantineState, now: datetime | None) -> Any:
    """Begin the UPDATE that moves items to `target`; the caller says which."""
    moved = update(schema.quarantine).where(_ITEM.state == _BEFORE[target]).values(state=target)
    if target in _ENDS:
        return moved.values(payload=None, closed_at=now)
    return moved


def _narrowed(
    statement: Select[Any], *, flow: str = "", fate: str = "", reason: str = "", state: str = ""
) -> Select[Any]:
    wanted = ((_PARCEL.flow, flow), (_ITEM.fate, fate), (_ITEM.reason, reason), (_ITEM.state, state))
    return statement.where(*(column == word for column, word in wanted if word))


def _sealed(ids: Sequence[int]) -> Select[Any]:
    columns = (_ITEM.id, _PARCEL.flow, _PARCEL.digest, _ITEM.number, _ITEM.ordinal, _ITEM.payload)
    joined = select(*columns).select_from(_JOINED)
    return joined.where(_ITEM.id.in_(ids), _ITEM.payload.is_not(None)).order_by(_ITEM.id)


def _about(flow: str, parcel: str, number: int, ordinal: int) -> bytes:
    return f"quarantine/{flow}/{parcel}/{number}/{ordinal}".encode()


def _cause(row: Row[Any]) -> QuarantineCause:
    *words, count, example = tuple(row)
    flow, fate, reason, contract, member, column, field = words
    return QuarantineCause(flow, Fate(fate), reason, contract, member, column, field, count, json.loads(example))


def _row(row: Row[Any]) -> QuarantineRow:
    return QuarantineRow(
        id=row.id,
        flow=row.flow,
        parcel=row.digest,
        batch=row.number,
        state=QuarantineState(row.state),
        fate=Fate(row.fate),
        reason=row.reason,
        place=Place(row.line, row.last_line, row.member, row.column_name, row.field),
        facts=json.loads(row.facts),
        contract=row.contract,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
