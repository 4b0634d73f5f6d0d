"""Notices that a certificate of a server ends soon, of the APIs and databases that a run spoke to."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from passerelle.engine.settings.endpoint_settings import (
    ApiDestinationSettings,
    ApiSourceSettings,
    DatabaseDestinationSettings,
    SupplierDestinationSettings,
)
from passerelle.engine.settings.query_sources import SqlSourceSettings
from passerelle.engine.settings.remote_places import S3Settings, WebDavSettings
from passerelle.engine.settings.secrets import resolve
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from passerelle.engine.settings.flow_sides import Side
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.stores.journal import Journal

_Spoken = ApiSourceSettings | ApiDestinationSettings | SupplierDestinationSettings | WebDavSettings | S3Settings
ENDS: Mapping[Side, str] = {"source": "certificate.source.ends", "destination": "certificate.destination.ends"}
"""The reason by side: one notice of each code for a flow."""


def iter_seen_ends(flow: Flow) -> Iterator[tuple[Side, datetime]]:
    """Yield, of each side of a flow that speaks HTTPS, until when its certificate is valid, if this process saw it."""
    sides: tuple[tuple[Side, object], ...] = (("source", flow.source), ("destination", flow.destination))
    for side, entry in sides:
        if isinstance(entry, _Spoken):
            from passerelle.edges.http.certificate_ends import (  # noqa: PLC0415  flows of folders do without
                find_certificate_end,
            )

            end = find_certificate_end(entry.base_url)
            if end is not None:
                yield side, end


def iter_database_ends(flow: Flow) -> Iterator[tuple[Side, datetime]]:
    """Yield, of each side of a flow that is a server of databases, the same: of one that let this process in."""
    sides: tuple[tuple[Side, object], ...] = (("source", flow.source), ("destination", flow.destination))
    for side, entry in sides:
        # a path is a file of SQLite
        if isinstance(entry, DatabaseDestinationSettings | SqlSourceSettings) and isinstance(entry.url, str):
            from passerelle.edges.databases.certificate_ends import find_seen_end  # noqa: PLC0415  see above

            with suppress(SettingsError):  # told by what opened it
                end = find_seen_end(resolve(entry.url).reveal())
                if end is not None:
                    yield side, end


def is_near(end: datetime, now: datetime, days: int) -> bool:
    """Whether a certificate ends within so many days."""
    return end - now <= timedelta(days=days)


def format_end(end: datetime) -> str:
    """Write the last day of a certificate (UTC): the same whenever it is told."""
    return end.astimezone(UTC).date().isoformat()


def watch_certificates(journal: Journal, flow: Flow, days: int, now: datetime) -> None:
    """Raise or clear the notices of a flow at the end of its run; of a server that was not spoken to, they last."""
    seen = {**dict(iter_seen_ends(flow)), **dict(iter_database_ends(flow))}
    raised = {notice.code for notice in journal.list_notices(flow.name)} if seen else set()
    for side, end in seen.items():
        if is_near(end, now, days):
            journal.raise_notice(flow.name, ENDS[side], {"day": format_end(end)}, now)
        elif ENDS[side] in raised:
            journal.clear_notice(flow.name, ENDS[side])
