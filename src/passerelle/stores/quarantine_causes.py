"""Kept counts of quarantined items by cause: what a page shows costs as many rows as there are causes, not items.

Whoever inserts items or moves them to another state changes the counts in the same transaction
(`count_inserted`, `shift_counts`), so that they are those of the items at any moment.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import field as dataclass_field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func, insert, select, type_coerce, update

from passerelle.stores import schema
from passerelle.stores.database import open_reader
from passerelle.stores.quarantine_rows import LISTED, QuarantineRow, to_row
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

_ITEM = schema.quarantine.c
_CAUSE = schema.quarantine_cause.c
_PARCEL = schema.parcel.c
_KEY = ("fate", "reason", "contract", "member", "column_name", "field")
"""What makes two items of a flow have the same cause."""
_STATES = tuple(state.value for state in QuarantineState)


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
    id: int = dataclass_field(default=0, compare=False)
    """The journal's own number of the cause: an address can name it without a word of the supplier's."""


class CauseBook:
    """The part of the quarantine that is read by cause. No payload is opened."""

    _engine: Engine

    def list_causes(self, *, flow: str = "", state: str = QuarantineState.WAITING) -> tuple[QuarantineCause, ...]:
        """Return the number of items in a state by cause, most frequent first; in every state when it is empty."""
        count = _count_state(state).label("items")
        wanted = select(schema.quarantine_cause, count).where(count > 0)
        if flow:
            wanted = wanted.where(_CAUSE.flow == flow)
        with open_reader(self._engine) as connection:
            causes = [_to_cause(row) for row in connection.execute(wanted)]
        # sealed names have no order of their own: ties are put in order once they are open
        named = itemgetter(0, 1, 2, 3, 4, 5, 6)
        return tuple(sorted(causes, key=lambda cause: (-cause.count, *named(_name_cause(cause)))))

    def find_cause(self, cause: int, *, state: str = QuarantineState.WAITING) -> QuarantineCause | None:
        """Return a cause by its number, with its count of items in a state, which may be 0; None when unknown."""
        wanted = select(schema.quarantine_cause, _count_state(state).label("items")).where(_CAUSE.id == cause)
        with open_reader(self._engine) as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _to_cause(row)

    def list_cause_rows(
        self, cause: int, *, after: int = 0, limit: int, state: str = QuarantineState.WAITING
    ) -> tuple[QuarantineRow, ...]:
        """Return the next items of a cause in a state behind an item's number, oldest first, without payload."""
        wanted = LISTED.where(_ITEM.cause_id == cause, _ITEM.state == state, _ITEM.id > after)
        with open_reader(self._engine) as connection:
            rows = connection.execute(wanted.order_by(_ITEM.id).limit(limit)).all()
        return tuple(to_row(row) for row in rows)

    def list_parcel_rows(self, flow: str, parcel: str, *, limit: int) -> tuple[QuarantineRow, ...]:
        """Return the items of a parcel in any state, in the order of its rows, without payload."""
        wanted = LISTED.where(_PARCEL.flow == flow, _PARCEL.key == parcel).order_by(_ITEM.id).limit(limit)
        with open_reader(self._engine) as connection:
            return tuple(to_row(row) for row in connection.execute(wanted))

    def count_replayed(self, replay: str) -> Counter[tuple[str, str]]:
        """Count the items that a replay parcel (its key) took up again, by key of their own parcel and by reason."""
        wanted = (
            select(_PARCEL.key, _ITEM.reason, func.count())
            .join_from(schema.quarantine, schema.parcel, _ITEM.parcel_id == _PARCEL.id)
            .where(_ITEM.replay == replay)
            .group_by(_PARCEL.key, _ITEM.reason)
        )
        with open_reader(self._engine) as connection:
            return Counter({(key, reason): count for key, reason, count in connection.execute(wanted)})

    def list_cause_ids(self, cause: int, *, limit: int) -> tuple[int, ...]:
        """Return the numbers of the waiting items of a cause, oldest first."""
        wanted = select(_ITEM.id).where(_ITEM.cause_id == cause, _ITEM.state == QuarantineState.WAITING)
        with open_reader(self._engine) as connection:
            return tuple(connection.execute(wanted.order_by(_ITEM.id).limit(limit)).scalars())

    def find_oldest(self, cause: int) -> datetime | None:
        """Return when the oldest waiting item of a cause was set aside; None when none waits."""
        rows = self.list_cause_rows(cause, limit=1)
        return rows[0].created_at if rows else None


def count_inserted(connection: Connection, flow: str, columns: Mapping[str, Sequence[Any]]) -> list[int]:
    """Count waiting items that are being inserted, in the caller's transaction; return the cause of each, in order.

    `columns` are those of the items as they are written: foreign words are sealed, and the same word gives the same
    text. Nobody else inserts for this flow: who settles holds it.
    """
    keys = list(zip(*(columns[name] for name in _KEY), strict=True))
    counts = Counter(keys)
    numbers = _find_numbers(connection, flow, {key[1] for key in counts})
    known = {key: count for key, count in counts.items() if key in numbers}
    if known:
        more = update(schema.quarantine_cause).where(_CAUSE.id == bindparam("cause"))
        more = more.values(waiting=_CAUSE.waiting + bindparam("more"))
        # in the order of their numbers, as `shift_counts` has them
        rows = sorted((numbers[key], count) for key, count in known.items())
        connection.execute(more, [{"cause": number, "more": count} for number, count in rows])
    examples = dict(zip(reversed(keys), reversed(columns["facts"]), strict=True)) if len(known) < len(counts) else {}
    for key in counts.keys() - known.keys():
        numbers[key] = _insert_cause(connection, flow, key, examples[key], counts[key])
    return [numbers[key] for key in keys]


def shift_counts(
    connection: Connection, moved: Iterable[tuple[int, int]], before: QuarantineState, target: QuarantineState
) -> int:
    """Move so many items of each cause (its number, how many) from one state to another; return how many in all."""
    # in the order of their numbers: two transactions that move items of the same causes then wait, and do not deadlock
    rows = [{"cause": cause, "some": count} for cause, count in sorted(moved)]
    if rows:
        shift = update(schema.quarantine_cause).where(_CAUSE.id == bindparam("cause"))
        less, more = _CAUSE[before.value] - bindparam("some"), _CAUSE[target.value] + bindparam("some")
        connection.execute(shift.values({before.value: less, target.value: more}), rows)
    return sum(row["some"] for row in rows)


def _find_numbers(connection: Connection, flow: str, reasons: Iterable[str]) -> dict[tuple[Any, ...], int]:
    """Return the numbers of the causes of a flow with some reasons, by what makes them the same."""
    # as they are stored: sealed words are compared, not opened
    key = [type_coerce(_CAUSE[name], Text) for name in _KEY]
    wanted = select(_CAUSE.id, *key).where(_CAUSE.flow == flow, _CAUSE.reason.in_(sorted(reasons)))
    return {tuple(row[1:]): row[0] for row in connection.execute(wanted)}


def _insert_cause(connection: Connection, flow: str, key: Sequence[Any], example: str, count: int) -> int:
    """Insert a cause whose words are sealed already."""
    words = {name: type_coerce(value, Text) for name, value in zip((*_KEY, "example"), (*key, example), strict=True)}
    values = {**dict.fromkeys(_STATES, 0), **words, "flow": flow, QuarantineState.WAITING.value: count}
    return int(connection.execute(insert(schema.quarantine_cause).values(values).returning(_CAUSE.id)).scalar_one())


def _count_state(state: str) -> Any:
    """Return the count of items in a state; in all of them when it is empty."""
    if state:
        return _CAUSE[QuarantineState(state).value]
    first, *others = (_CAUSE[name] for name in _STATES)
    return sum(others, start=first)


def _name_cause(cause: QuarantineCause) -> tuple[str, ...]:
    return cause.flow, cause.fate, cause.reason, cause.contract, cause.member, cause.column, cause.field


def _to_cause(row: Row[Any]) -> QuarantineCause:
    return QuarantineCause(
        flow=row.flow,
        fate=Fate(row.fate),
        reason=row.reason,
        contract=row.contract,
        member=row.member,
        column=row.column_name,
        field=row.field,
        count=row.items,
        details=json.loads(row.example),
        id=row.id,
    )
