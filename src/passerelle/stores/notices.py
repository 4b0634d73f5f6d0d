"""Notices: what a person should look at and is no row, such as a source from which nothing comes any more.

One of each code for a flow. The engine raises and clears them; raising one that is there keeps its beginning. Details
are counts, days and words of our own, never a value.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_NOTICE = schema.notice.c


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `code` is a reason, `details` fill its sentence."""

    flow: str
    code: str
    since: datetime
    """When it was first raised."""
    seen_at: datetime
    """When it was last found to be so."""
    details: Mapping[str, str] = field(default_factory=dict)


def raise_notice(connection: Connection, flow: str, code: str, details: Mapping[str, str], now: datetime) -> None:
    """Raise a notice, or renew it, in the caller's transaction."""
    fresh = {"seen_at": now, "details": json.dumps(dict(details), ensure_ascii=False, sort_keys=True)}
    values = insert_into(connection, schema.notice).values(flow=flow, code=code, since=now, **fresh)
    connection.execute(values.on_conflict_do_update(index_elements=["flow", "code"], set_=fresh))


def clear_notice(connection: Connection, flow: str, code: str) -> bool:
    """Clear a notice, in the caller's transaction; return whether there was one."""
    cleared = delete(schema.notice).where(_NOTICE.flow == flow, _NOTICE.code == code)
    return bool(connection.execute(cleared).rowcount)


def list_notices(connection: Connection, flow: str) -> tuple[Notice, ...]:
    """List the notices of a flow, of all flows when it is empty, the oldest first."""
    statement = select(schema.notice).order_by(_NOTICE.since, _NOTICE.flow, _NOTICE.code)
    if flow:
        statement = statement.where(_NOTICE.flow == flow)
    rows = connection.execute(statement)
    return tuple(Notice(row.flow, row.code, row.since, row.seen_at, json.loads(row.details)) for row in rows)


class NoticeBook:
    """The part of the journal that keeps notices. Every method is one transaction."""

    _engine: Engine

    def raise_notice(self, flow: str, code: str, details: Mapping[str, str], now: datetime) -> None:
        """Raise or renew a notice: what a person should look at and is no row. `details` hold no value."""
        with open_writer(self._engine) as connection:
            raise_notice(connection, flow, code, details, now)

    def clear_notice(self, flow: str, code: str) -> bool:
        """Clear a notice; return whether there was one."""
        with open_writer(self._engine) as connection:
            return clear_notice(connection, flow, code)

    def list_notices(self, flow: str = "") -> tuple[Notice, ...]:
        """List notices, the oldest first; those of all flows when none is named."""
        with open_reader(self._engine) as connection:
            return list_notices(connection, flow)
