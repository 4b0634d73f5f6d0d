"""Collecting from RDV-Solidarités, page by page (API v1, `swagger/v1/api.json` of betagouv/rdv-service-public)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from passerelle import FlowError
from passerelle.extension.paging import Listing, walk_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle import Client, Page, Reply


class Settings(BaseModel):
    """Options of `[flow.NAME.source.settings]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organisation: int = Field(gt=0)


class RdvSettings(Settings):
    """Options for appointments: which days, too."""

    starts_after: date | None = None
    starts_before: date | None = None


def rdvs(client: Client, settings: RdvSettings, _cursor: str) -> Iterator[Page]:
    """Yield pages of the appointments of one organisation."""
    days = {"starts_after": settings.starts_after, "starts_before": settings.starts_before}
    chosen = {name: day.isoformat() for name, day in days.items() if day}
    return _collect_pages(client, f"api/v1/organisations/{settings.organisation}/rdvs", "rdvs", chosen)


def users(client: Client, settings: Settings, _cursor: str) -> Iterator[Page]:
    """Yield pages of the users of one organisation."""
    return _collect_pages(client, f"api/v1/organisations/{settings.organisation}/users", "users", {})


def organisations(client: Client, _settings: Any, _cursor: str) -> Iterator[Page]:
    """Yield pages of the organisations to which the account belongs."""
    return _collect_pages(client, "api/v1/organisations", "organisations", {})


def _collect_pages(client: Client, path: str, kind: str, chosen: Mapping[str, str]) -> Iterator[Page]:
    """Yield every page, from the first: the API has no cursor of changes.

    Raises FlowError when the API refuses the request, TransientError when an answer is not the page of a list.
    """
    listing = Listing(rows=kind, id="id", total="meta.total_count", last="meta.total_pages")

    def ask(number: int) -> Reply:
        reply = client.get(path, {**chosen, "page": str(number)})
        if reply.status != 200:
            raise FlowError("incident.source.misaddressed", status=str(reply.status))
        return reply

    return walk_numbers(ask, listing, kind)
