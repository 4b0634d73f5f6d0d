"""Examines until when certificates are valid: of servers that flows and mail speak to, and our own.

Those of APIs were seen when their flows were tried; a database and a mail server are asked for theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.health.findings import HealthFinding, Severity
from passerelle.engine.runs.certificate_watch import ENDS, format_end, is_near, iter_seen_ends
from passerelle.engine.settings.endpoint_settings import DatabaseDestinationSettings
from passerelle.engine.settings.query_sources import SqlSourceSettings
from passerelle.engine.settings.secrets import resolve
from passerelle.vocabulary.errors import SettingsError, TransientError
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from passerelle.engine.settings.flow_sides import Side
    from passerelle.engine.settings.workspace_settings import Flow, Settings

CLIENT, MAIL = "certificate.client.ends", "certificate.mail.ends"


@dataclass(frozen=True, slots=True)
class CertificateEnd:
    """A certificate that was looked at: whose flow it is (`notify` for that of the mail server), and its end."""

    label: str
    code: str
    side: str
    end: datetime


def examine_certificates(settings: Settings, now: datetime, *, offline: bool) -> Iterator[HealthFinding]:
    """Yield each certificate that ends soon, then how many were looked at; they stop no run, so none is wrong.

    Call it after the flows were tried. Offline, only those are looked at that lie on this machine.
    """
    found = [one for flow in settings.flows.values() for one in _iter_flow(flow, offline=offline)]
    try:
        found += [] if offline else _iter_mail(settings)
    except TransientError as error:
        # a run does its work without telling anybody
        says, advice = explain(error.code, error.words)
        yield HealthFinding(Severity.DOUBTFUL, format_labelled("notify", says), advice)
    for one in sorted(found, key=lambda one: one.end):
        if is_near(one.end, now, settings.certificate_days):
            says, advice = explain(one.code, {"day": format_end(one.end), "side": one.side})
            yield HealthFinding(Severity.DOUBTFUL, format_labelled(one.label, says), advice)
    if found:
        words = translate_plural(
            "{count} certificate was looked at; it is valid until {day}",
            "{count} certificates were looked at; the first to end is valid until {day}",
            len(found),
        )
        first = min(one.end for one in found)
        yield HealthFinding(Severity.GOOD, words.format(count=len(found), day=format_end(first)))


def _iter_flow(flow: Flow, *, offline: bool) -> Iterator[CertificateEnd]:
    for side, end in iter_seen_ends(flow):
        yield CertificateEnd(flow.name, ENDS[side], side, end)
    entries: tuple[tuple[Side, object], ...] = (("source", flow.source), ("destination", flow.destination))
    for side, entry in entries:
        # a path is a file of SQLite
        if isinstance(entry, DatabaseDestinationSettings | SqlSourceSettings) and isinstance(entry.url, str):
            yield from _iter_database(flow.name, side, entry.url, offline=offline)


def _iter_database(flow: str, side: Side, reference: str, *, offline: bool) -> Iterator[CertificateEnd]:
    from passerelle.edges.databases.certificate_ends import (  # noqa: PLC0415  kept out of start-up
        find_client_end,
        find_server_end,
    )

    try:
        address = resolve(reference).reveal()
    except SettingsError:
        return  # told with the secrets
    if not offline and (end := find_server_end(address)):
        yield CertificateEnd(flow, ENDS[side], side, end)
    if end := find_client_end(address):
        yield CertificateEnd(flow, CLIENT, _("the source") if side == "source" else _("the destination"), end)


def _iter_mail(settings: Settings) -> Iterator[CertificateEnd]:
    if mail := settings.notify.mail:
        from passerelle.edges.channels.mail import (  # noqa: PLC0415  kept out of start-up
            MailServer,
            find_certificate_end,
        )

        end = find_certificate_end(MailServer(mail.server, mail.port, mail.tls == "tls"))
        yield CertificateEnd("notify", MAIL, "", end)
