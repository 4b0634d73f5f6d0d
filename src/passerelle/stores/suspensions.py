"""Suspensions of flows: why, since when, and the facts that fill the sentence of the reason; places that are away."""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING

from sqlalchemy import select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, open_reader
from passerelle.stores.fence_book import FenceBook
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_FLOW = schema.flow.c
_AWAY = {"source": _FLOW.source_away_at, "destination": _FLOW.destination_away_at}


@dataclass(frozen=True, slots=True)
class Suspension:
    """The suspension of a flow: it does not run until somebody resumes it."""

    flow: str
    code: str
    since: datetime
    details: Mapping[str, str] = field(default_factory=dict)
    """What fills the sentence of `code`; empty for what an earlier version suspended."""


def upsert_flow(connection: Connection, flow: str, values: dict[str, object]) -> None:
    """Write some columns of a flow's row, which may not be there yet, in the caller's transaction."""
    fresh = insert_into(connection, schema.flow).values({"name": flow, **values})
    connection.execute(fresh.on_conflict_do_update(index_elements=["name"], set_=values))


def lift_suspension(connection: Connection, flow: str) -> None:
    """Let a flow go on, in the caller's transaction."""
    upsert_flow(connection, flow, {"suspended_code": None, "suspended_at": None, "suspended_details": None})


class SuspensionBook(FenceBook):
    """The part of the journal that keeps suspensions. Every method is one transaction."""

    _engine: Engine

    def suspend(self, flow: str, code: str, now: datetime, details: Mapping[str, str] | None = None) -> None:
        """Suspend a flow until somebody resumes it; `details` are our own words and names, never a value."""
        said = json.dumps(dict(details or {}), ensure_ascii=False, sort_keys=True)
        with self._open_fenced(flow) as connection:
            upsert_flow(connection, flow, {"suspended_code": code, "suspended_at": now, "suspended_details": said})

    def find_suspension(self, flow: str) -> Suspension | None:
        """Return the suspension of a flow; None when it is not suspended."""
        wanted = select(_FLOW.suspended_code, _FLOW.suspended_at, _FLOW.suspended_details).where(
            _FLOW.name == flow, _FLOW.suspended_code.is_not(None)
        )
        with open_reader(self._engine) as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        return Suspension(flow, row.suspended_code, row.suspended_at, json.loads(row.suspended_details or "{}"))

    def note_away(self, flow: str, side: str, now: datetime) -> datetime:
        """Note that a side of a flow is away, and return since when it is."""
        with self._open_fenced(flow) as connection:
            since = _read_away(connection, flow).get(side, now)
            # `min`: a moment in the future was noted while the clock was wrong
            upsert_flow(connection, flow, {_AWAY[side].name: min(since, now)})
        return min(since, now)

    def note_back(self, flow: str, side: str) -> None:
        """Note that a side of a flow is there again."""
        with self._open_fenced(flow) as connection:
            upsert_flow(connection, flow, {_AWAY[side].name: None})

    def list_away(self, flow: str) -> Mapping[str, datetime]:
        """Return the sides of a flow that are away, each with the moment since when."""
        with open_reader(self._engine) as connection:
            return _read_away(connection, flow)


def _read_away(connection: Connection, flow: str) -> dict[str, datetime]:
    row = connection.execute(select(*_AWAY.values()).where(_FLOW.name == flow)).first()
    moments = dict(zip(_AWAY, row, strict=True)) if row is not None else {}
    return {side: moment for side, moment in moments.items() if moment is not None}
