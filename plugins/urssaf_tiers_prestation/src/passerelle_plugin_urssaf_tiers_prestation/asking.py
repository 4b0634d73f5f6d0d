"""Asking Urssaf where payment requests stand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from passerelle import FlowError, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle import Client

_SEARCH = "atp/v1/tiersPrestations/demandePaiement/rechercher"


class StatusSettings(BaseModel):
    """What a flow says in `[flow.NAME.source.settings]`: the days of the requests, and how many a call asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_day: date
    last_day: date
    days: int = Field(default=7, ge=1, le=31)


def states(client: Client, settings: StatusSettings, cursor: str) -> Iterator[Page]:
    """Ask week after week. States change for weeks, so all are read again each time; an interrupted reading goes on.

    Raises FlowError when asked amiss.
    """
    begin = date.fromisoformat(cursor) if cursor and cursor <= settings.last_day.isoformat() else settings.first_day
    while begin <= settings.last_day:
        end = min(begin + timedelta(days=settings.days - 1), settings.last_day)
        asked = {"dateDebut": begin.isoformat(), "dateFin": end.isoformat()}
        reply = client.post(_SEARCH, json.dumps(asked).encode())
        if reply.status != 200:
            raise FlowError("incident.source.misaddressed", status=str(reply.status))
        begin = end + timedelta(days=1)
        if reply.json().get("infoDemandePaiements"):
            yield Page(content=reply.content, cursor=begin.isoformat(), name=f"states-{end.isoformat()}.json")
