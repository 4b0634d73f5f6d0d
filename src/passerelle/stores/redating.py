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
_ARRIVAL, _FLOW = schema.arrival.c, schema.flow.c
_SLACK = timedelta(hours=1)
"""A run closes its last parcel a little after the moments that the journal has of it."""


def redate(connection: Connection, runs: tuple[int, int], span: tuple[datetime, datetime], shift: timedelta) -> int:
    """Add `shift` to the moments of quarantined items, parcels, arrivals and whole lists; return how many were wrong.

    `runs` are the numbers of the first and last run with the wrong clock, `span` what it showed meanwhile. Doing it
    twice changes nothing: what was shifted lies outside of the span.
    """
    low, high = span[0] - _SLACK, span[1] + _SLACK
    settled = exists().where(
        _BATCH.parcel_id == _ITEM.parcel_id, _BATCH.number == _ITEM.number, _BATCH.run_id.between(*runs)
    )
    items = update(schema.quarantine).where(settled, _ITEM.created_at.between(low, high))
    moved = items.values(created_at=_add(_ITEM.created_at, shift), expires_at=_add(_ITEM.expires_at, shift))
    moments = (
        _PARCEL.closed_at,
        # a source that was heard of in twelve years would be late for nobody until then
        _PARCEL.received_at,
        _FLOW.heard_at,
        # marks are forgotten when they are much older than the flow's latest: that must be no mark of the future
        _ARRIVAL.at,
        # a list that goes too early makes the next whole export the first one, of which nothing can have vanished
        _LIST.made_at,
        # without it, nothing says whom delivered records are about
        schema.subject_list.c.made_at,
    )
    shifted = (
        update(column.table).where(column.between(low, high)).values({column: _add(column, shift)})
        for column in moments
    )
    return sum(connection.execute(statement).rowcount for statement in (moved, *shifted))


def _add(column: ColumnElement[Any], shift: timedelta) -> ColumnElement[int]:
    return type_coerce(column, BigInteger) + shift // timedelta(microseconds=1)
