"""Collecting the states of payment requests from Urssaf."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from passerelle import FlowError
from passerelle.extension.paging import Listing, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle import Client, Page

_LISTING = Listing(rows="infoDemandePaiements", id="idDemandePaiement")
_SEARCH = "atp/v1/tiersPrestations/demandePaiement/rechercher"


class StatusSettings(BaseModel):
    """Options of `[flow.NAME.source.settings]`: the days of the requests, and the days asked for per call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_day: date
    last_day: date
    days: int = Field(default=7, ge=1, le=31)


def states(client: Client, settings: StatusSettings, cursor: str) -> Iterator[Page]:
    """Yield states period by period; an interrupted collection continues at its cursor.

    Raises FlowError when the API refuses the request.
    """
    # A finished collection starts over: states change for weeks after the request.
    begin = date.fromisoformat(cursor) if cursor and cursor <= settings.last_day.isoformat() else settings.first_day
    while begin <= settings.last_day:
        end = min(begin + timedelta(days=settings.days - 1), settings.last_day)
        period = {"dateDebut": begin.isoformat(), "dateFin": end.isoformat()}
        reply = client.post(_SEARCH, json.dumps(period).encode())
        if reply.status != 200:
            raise FlowError("incident.source.misaddressed", status=str(reply.status))
        begin = end + timedelta(days=1)
        answer = read_page(reply, _LISTING)
        if answer.ids:
            # Days are asked for, not positions: no request slips from one period into another.
            yield answer.make_page(f"states-{end.isoformat()}.json", cursor=begin.isoformat(), steady=True)
