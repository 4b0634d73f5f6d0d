"""The quarantine: records set aside, sealed until they are replayed, discarded or expired."""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from passerelle.stores import schema
from passerelle.stores.cause_notes import CauseNoteBook
from passerelle.stores.database import iter_slices, open_reader, open_writer, truncate_wal
from passerelle.stores.drafts import DraftBook
from passerelle.stores.foreign_words import attach_seal
from passerelle.stores.instants import to_microseconds
from passerelle.stores.quarantine_causes import CauseBook, count_inserted
from passerelle.stores.quarantine_moves import ENDS, move_ids, move_where, read_envelopes, release_stuck_items
from passerelle.stores.quarantine_rows import JOINED, LISTED, QuarantineRow, to_row
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Select

    from passerelle.stores.data_keys import DataKeys
    from passerelle.stores.fingerprint_index import FingerprintIndex
    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import QuarantineItem, Settlement

_TOGETHER = 250
"""Rows that one statement inserts: with its columns it stays below SQLite's 32 766 parameters."""
_ITEM = schema.quarantine.c
_PARCEL = schema.parcel.c
_PAGE = 2_000
"""Items listed at a time."""


class Quarantine(CauseBook, CauseNoteBook, DraftBook):
    """The quarantined items of all flows; `Journal.settle` adds them. Whoever opens payloads must audit it."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal
        attach_seal(engine, seal)

    def list_rows(
        self,
        *,
        flow: str = "",
        fate: str = "",
        reason: str = "",
        state: str = QuarantineState.WAITING,
        ids: Iterable[int] = (),
        limit: int | None = None,
    ) -> tuple[QuarantineRow, ...]:
        """List items, oldest first, without payload. An empty criterion does not restrict."""
        wanted = {"flow": flow, "fate": fate, "reason": reason, "state": state}
        numbers = sorted(set(ids))
        if not numbers:
            return tuple(islice(self.iter_rows(**wanted), limit))
        rows = _narrow(LISTED, **wanted).order_by(_ITEM.id)
        with open_reader(self._engine) as connection:
            found = (
                to_row(row)
                for some_ids in iter_slices(numbers)
                for row in connection.execute(rows.where(_ITEM.id.in_(some_ids)))
            )
            return tuple(islice(found, limit))

    def iter_rows(
        self, *, flow: str = "", fate: str = "", reason: str = "", state: str = QuarantineState.WAITING
    ) -> Iterator[QuarantineRow]:
        """Yield items as `list_rows` lists them, page by page: memory is that of a page, however many there are.

        A page begins behind the last number of the one before. Items that change meanwhile are as they are then.
        """
        # Concatenations, which no index has: by state or parcel items are not in order of their numbers, and each page
        # would put all of them in order again.
        hidden = [column.concat("") == word for column, word in ((_ITEM.state, state), (_PARCEL.flow, flow)) if word]
        page = _narrow(LISTED, fate=fate, reason=reason).where(*hidden).order_by(_ITEM.id).limit(_PAGE)
        last = 0
        while True:
            with open_reader(self._engine) as connection:
                rows = [to_row(row) for row in connection.execute(page.where(_ITEM.id > last))]
            yield from rows
            if len(rows) < _PAGE:
                return
            last = rows[-1].id

    def list_held_ids(self, flow: str, *, after: int = 0) -> list[int]:
        """Return the numbers of a flow's items that wait or are being replayed, in order, from behind a number on.

        Of one flow they come in this order: who settles a parcel holds its flow.
        """
        held = (QuarantineState.WAITING.value, QuarantineState.REPLAYING.value)
        # concatenations, as above: what came since a number is a range of the key, whatever waits before it
        wanted = _ITEM.state.concat("").in_(held) & (_PARCEL.flow.concat("") == flow)
        ids = select(_ITEM.id).select_from(JOINED).where(_ITEM.id > after, wanted).order_by(_ITEM.id)
        with open_reader(self._engine) as connection:
            return list(connection.scalars(ids))

    def open_payloads(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return opened payloads by id; ids that are unknown or whose payload was destroyed are absent.

        Raises FatalError `incident.seal.broken` when a payload was changed or moved.
        """
        columns = (_ITEM.id, _PARCEL.flow, _PARCEL.key, _ITEM.number, _ITEM.ordinal, _ITEM.payload)
        wanted = select(*columns).select_from(JOINED).where(_ITEM.payload.is_not(None))
        opened: dict[int, bytes] = {}
        with open_reader(self._engine) as connection:
            for some_ids in iter_slices(sorted(set(ids))):
                for row in connection.execute(wanted.where(_ITEM.id.in_(some_ids)).order_by(_ITEM.id)):
                    try:
                        opened[row.id] = self._seal.open(row.payload, about=bind_payload(*row[1:5]))
                    except FatalError as error:
                        # erased since this copy of the state was made
                        if error.code != "incident.seal.destroyed":
                            raise
        return opened

    def move_items(self, ids: Iterable[int], state: str, now: datetime) -> int:
        """Move items to a state and return how many could: an item in a final state stays as it is.

        Discarding destroys the payload with its data key.
        """
        target = QuarantineState(state)
        ids, envelopes = tuple(ids), list[bytes]()
        with open_writer(self._engine) as connection:
            if target in ENDS:
                envelopes = read_envelopes(connection, ids, target)
            moved = move_ids(connection, target, now, ids)
        if target in ENDS:  # or the destroyed payload would stay readable in the log
            truncate_wal(self._engine)
            # afterwards: killed in between, the key is one that nothing names, and goes with the next sweep
            self._seal.destroy(envelopes)
        return moved

    def expire(self, now: datetime) -> int:
        """Destroy the payload of items whose retention is over and return their number.

        Items that a replay carries stay, as long as the replay is under way. Those of one that is parked, dropped or
        gone wait again, and those of one that is done were replayed: a crash between two steps can leave neither for
        ever.
        """
        with open_writer(self._engine) as connection:
            replayed = release_stuck_items(connection, now)
            expired = move_where(connection, QuarantineState.EXPIRED, now, _ITEM.expires_at <= now)
        if expired or replayed:
            truncate_wal(self._engine)
        return expired


def insert_items(
    connection: Connection,
    seal: Seal,
    earlier: FingerprintIndex,
    settlement: Settlement,
    keys: DataKeys | None = None,
) -> None:
    """Insert the items of a batch, each sealed for its own place, in the caller's transaction.

    Waiting items of earlier parcels with the same likeness become superseded. `keys`: for whoever made those of several
    batches at once.
    """
    items, batch = settlement.quarantined, settlement.batch
    likenesses = _pseudonymise_likenesses(seal, settlement)
    move_ids(connection, QuarantineState.SUPERSEDED, settlement.at, earlier.find_ids(likenesses))
    same = {
        "parcel_id": earlier.parcel_id,
        "number": batch.number,
        "state": QuarantineState.WAITING.value,
        "created_at": to_microseconds(settlement.at),
        "replay": "",
    }
    shared = {name: repeat(value, len(items)) for name, value in same.items()}
    own: dict[str, Iterable[Any]] = {
        "ordinal": range(len(items)),
        "likeness": likenesses,
        "payload": _seal_payloads(seal, settlement, keys),
    }
    columns = _to_columns(seal, items)
    own["cause_id"] = count_inserted(connection, settlement.flow, columns)
    _insert_columns(connection, {**shared, **own, **columns})


def _seal_payloads(seal: Seal, settlement: Settlement, keys: DataKeys | None) -> Iterator[bytes]:
    """Yield sealed payloads, one statement's worth at a time, so that not all are in memory twice."""
    items, batch = settlement.quarantined, settlement.batch
    keys = keys or seal.make_keys(len(items))  # one write for the whole batch
    begins = _bind_batch(settlement.flow, batch.parcel, batch.number)
    for start in range(0, len(items), _TOGETHER):
        numbered = enumerate(items[start : start + _TOGETHER], start)
        yield from seal.seal_each([(item.payload, b"%b%d" % (begins, nth)) for nth, item in numbered], keys)


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
    keys = [(item.aside.contract, item.aside.fate, item.aside.reason) for item in items]
    # a batch has few causes: each is written once
    causes = {key: f"{settlement.flow}/{'/'.join(key)}/" for key in set(keys)}
    texts = [causes[key] + item.likeness for key, item in zip(keys, items, strict=True)]
    pairs = zip(items, seal.pseudonymise_each("likeness", texts), strict=True)
    return [likeness if item.likeness else None for item, likeness in pairs]


def _to_columns(seal: Seal, items: Sequence[QuarantineItem]) -> dict[str, Sequence[Any]]:
    """Return the columns whose values differ from item to item."""
    # Expiry depends on the reason, so there are few different moments: each is converted once.
    ends = {moment: to_microseconds(moment) for moment in {item.expires_at for item in items}}
    asides = [item.aside for item in items]
    line, last_line, member, column, field = zip(*(aside.place for aside in asides), strict=True)
    return {
        "fate": [str(aside.fate) for aside in asides],
        "reason": [aside.reason for aside in asides],
        "contract": [aside.contract for aside in asides],
        "line": line,
        "last_line": last_line,
        # the driver, which knows no types, writes these rows
        "member": [seal.seal_word(name) if name else "" for name in member],
        "column_name": [seal.seal_word(name) if name else "" for name in column],
        "field": field,
        "facts": [seal.seal_word(_dump_details(tuple(aside.details.items()))) for aside in asides],
        "expires_at": [ends[item.expires_at] for item in items],
    }


# Cached: details hold bounds and expected shapes, which most items of a batch share.
@lru_cache(maxsize=1024)
def _dump_details(details: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(dict(sorted(details)), ensure_ascii=False)


def _narrow(
    statement: Select[Any], *, flow: str = "", fate: str = "", reason: str = "", state: str = ""
) -> Select[Any]:
    wanted = ((_PARCEL.flow, flow), (_ITEM.fate, fate), (_ITEM.reason, reason), (_ITEM.state, state))
    return statement.where(*(column == word for column, word in wanted if word))


def bind_payload(flow: str, parcel: str, number: int, ordinal: int) -> bytes:
    """Return what the sealed payload of an item is bound to."""
    return _bind_batch(flow, parcel, number) + b"%d" % ordinal


def _bind_batch(flow: str, parcel: str, number: int) -> bytes:
    return f"quarantine/{flow}/{parcel}/{number}/".encode()
