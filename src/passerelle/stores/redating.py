"""Sets right the moments that were written while the clock was wrong, so that what they date is kept as long as due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, exists, type_coerce, update

from passerelle.stores import schema

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

_ITEM, _BATCH, _PARCEL, _LIST = schema.quarantine.c, schema.batch.c, schema.parcel.c, schema.whole_list.c
_SLACK = timedelta(hours=1)
"""A run closes its last parcel a little after the moments that the journal has of it."""


def redate(connection: Connection, runs: tuple[int, int], span: tuple[datetime, datetime], shift: timedelta) -> int:
    """Add `shift` to the moments of quarantined items, closed parcels and whole lists; return how many these are.

    `runs` are the numbers of the first and last run with the wrong clock, `span` what it showed meanwhile. Doing it
    twice changes nothing: what was shifted lies outside of the span.
    """
    low, high = span[0] - _SLACK, span[1] + _SLACK
    settled = exists().where(
        _BATCH.parcel_id == _ITEM.parcel_id, _BATCH.number == _ITEM.number, _BATCH.run_id.between(*runs)
    )
    items = update(schema.quarantine).where(settled, _ITEM.created_at.between(low, high))
    moved = items.values(created_at=_add(_ITEM.created_at, shift), expires_at=_add(_ITEM.expires_at, shift))
    closed = update(schema.parcel).where(_PARCEL.closed_at.between(low, high))
    listed = update(schema.whole_list).where(_LIST.made_at.between(low, high))
    updates = (
        moved,
        closed.values(closed_at=_add(_PARCEL.closed_at, shift)),
        # a list that goes too early makes the next whole export the first one, of which nothing can have vanished
        listed.values(made_at=_add(_LIST.made_at, shift)),
    )
    return sum(connection.execute(statement).rowcount for statement in updates)


def _add(column: ColumnElement[Any], shift: timedelta) -> ColumnElement[int]:
    return type_coerce(column, BigInteger) + shift // timedelta(microseconds=1)
