"""Collecting from Ogust: one API method per list, page by page; a body with status KO is an error."""

from __future__ import annotations

import json
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from passerelle import FlowError, TransientError
from passerelle.extension.paging import Listing, walk_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle import Client, Page, Reply


class Settings(BaseModel):
    """Options of `[flow.NAME.source.settings]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_size: int = Field(default=100, ge=1, le=100)

    def build_filters(self) -> Mapping[str, str]:
        """Return the criteria of the search."""
        return {}


class VisitSettings(Settings):
    """Options for visits: which days, too."""

    first_day: date | None = None
    last_day: date | None = None

    def build_filters(self) -> Mapping[str, str]:
        """Return criteria for the days asked for, both included, without status N, as Ogust's own clients do."""
        filters = {"type": "I", "status": "@!=|N"}
        if self.first_day and self.last_day:
            # Ogust's grammar of filters: an operator, then its operands, each behind a bar.
            filters["start_date"] = f"@between|{self.first_day:%Y%m%d}0000|{self.last_day:%Y%m%d}2359"
        return filters


def _collect(client: Client, settings: Settings | None, _cursor: str, *, entity: str) -> Iterator[Page]:
    """Yield every page, from the first: the API has no cursor of changes.

    Raises FlowError when Ogust refuses access, TransientError for any other KO or an answer of another shape.
    """
    wanted = settings or Settings()
    listing = Listing(rows=f"array_{entity}.result", id=f"id_{entity}", total=f"array_{entity}.pagination.count")

    def ask(number: int) -> Reply:
        criteria = {**wanted.build_filters(), "nbperpage": wanted.page_size, "pagenum": number}
        reply = client.post(f"apiogust.php?method=search{entity.capitalize()}", json.dumps(criteria).encode())
        _check_answer(reply)
        return reply

    return walk_numbers(ask, listing, entity)


def _check_answer(reply: Reply) -> None:
    """Raise what an answer means that is no page; errors come with HTTP status 200 and `KO` in the body."""
    if reply.status != 200:
        raise FlowError("incident.source.misaddressed", status=str(reply.status))
    answer = reply.json()
    status = answer.get("status") if isinstance(answer, dict) else None
    if status == "OK":
        return
    # The message may name people: it is searched for these words, never passed on.
    message = str(answer.get("message", "")).casefold() if status == "KO" else ""
    if any(word in message for word in ("token", "signature", "api_key", "clé", "authenti")):
        raise FlowError("incident.credentials.refused")
    if status == "KO":
        raise TransientError("incident.supplier.failing", status="KO")
    raise TransientError("incident.supplier.garbled")


services = partial(_collect, entity="service")
customers = partial(_collect, entity="customer")
employees = partial(_collect, entity="employee")
