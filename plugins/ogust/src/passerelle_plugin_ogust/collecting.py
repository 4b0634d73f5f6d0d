"""Asking Ogust: one method a list, page by page, and an error whenever the body says KO."""

from __future__ import annotations

import json
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from passerelle import FlowError, Page, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle import Client, Reply


class Settings(BaseModel):
    """What a flow may choose in `[flow.NAME.source.settings]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_size: int = Field(default=100, ge=1, le=100)

    def filters(self) -> Mapping[str, str]:
        """Return what narrows the search."""
        return {}


class VisitSettings(Settings):
    """The same, and which days."""

    first_day: date | None = None
    last_day: date | None = None

    def filters(self) -> Mapping[str, str]:
        """Return the days asked for, both included, and leave out status N as Ogust's own clients do."""
        chosen = {"type": "I", "status": "@!=|N"}
        if self.first_day and self.last_day:
            chosen["start_date"] = f"@between|{self.first_day:%Y%m%d}0000|{self.last_day:%Y%m%d}2359"
        return chosen


def _collect(client: Client, settings: Settings | None, _cursor: str, *, entity: str) -> Iterator[Page]:
    """Read every page, from the first: the API has no mark of change to go on from.

    Raises FlowError when Ogust refuses us, TransientError when it says KO for another reason or answers amiss.
    """
    wanted = settings or Settings()
    number = 0
    while True:
        number += 1
        asked = {**wanted.filters(), "nbperpage": wanted.page_size, "pagenum": number}
        reply = client.post(f"apiogust.php?method=search{entity.capitalize()}", json.dumps(asked).encode())
        found = _read_answer(reply).get(f"array_{entity}")
        if not isinstance(found, dict) or not found.get("result"):
            return
        yield Page(content=reply.content, name=f"{entity}-{number}.json")
        if number * wanted.page_size >= _count(found):
            return


def _read_answer(reply: Reply) -> dict[str, Any]:
    """Read an answer. Errors come with status 200, `KO` in the body and a message that may name people."""
    if reply.status != 200:
        raise FlowError("incident.source.misaddressed", status=str(reply.status))
    answer = reply.json()
    status = answer.get("status") if isinstance(answer, dict) else None
    if status == "OK":
        return dict(answer)
    if status == "KO" and _is_about_us(str(answer.get("message", ""))):
        raise FlowError("incident.credentials.refused")
    if status == "KO":
        raise TransientError("incident.supplier.failing", status="KO")
    raise TransientError("incident.supplier.garbled")


def _is_about_us(message: str) -> bool:
    return any(word in message.casefold() for word in ("token", "signature", "api_key", "clé", "authenti"))


def _count(found: Mapping[str, Any]) -> int:
    """Return how many records there are in all: a number, or digits in a text. Raises TransientError for neither."""
    pagination = found.get("pagination")
    text = str(pagination.get("count")) if isinstance(pagination, dict) else ""
    if not text.isdecimal():
        raise TransientError("incident.supplier.garbled")
    return int(text)


services = partial(_collect, entity="service")
customers = partial(_collect, entity="customer")
employees = partial(_collect, entity="employee")
