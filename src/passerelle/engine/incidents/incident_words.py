"""Puts a message about faults into words. It holds no value: reasons, counts, names of flows and of their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.incidents.incident_finding import BECAUSE
from passerelle.vocabulary.formatting import format_labelled, format_moment, show_name
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import REASONS, explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.stores.incidents import Incident, IncidentMessage


@dataclass(frozen=True, slots=True)
class IncidentText:
    """A message in the language in use: one line that names it, and its text."""

    subject: str
    body: str
    page: str = ""
    """The same as a page, for mail; empty where there is none."""


def write_message(message: IncidentMessage, *, place: str = "") -> IncidentText:
    """Write what began and what is over; `place` names the installation, where there are several."""
    parts = []
    if message.begun:
        parts.append(translate_plural("{count} fault", "{count} faults", len(message.begun)))
    if message.over:
        parts.append(translate_plural("{count} resolved", "{count} resolved ", len(message.over)).rstrip())
    counts = [len(part) for part in (message.begun, message.over) if part]
    told = ", ".join(part.format(count=count) for part, count in zip(parts, counts, strict=True))
    name = f"Passerelle ({show_name(place)})" if place else "Passerelle"
    lines = [*_iter_begun(message.begun), *_iter_over(message.over)]
    lines += ["", _("Message {number}, {moment}.").format(number=message.number, moment=format_moment(message.made_at))]
    return IncidentText(format_labelled(name, told), "\n".join(lines))


def write_trial(place: str) -> IncidentText:
    """Write a message that only tries the channels."""
    name = f"Passerelle ({show_name(place)})" if place else "Passerelle"
    return IncidentText(format_labelled(name, _("trial")), _("This message tries the channel. There is nothing to do."))


def _iter_begun(alerts: tuple[Incident, ...]) -> Iterator[str]:
    for alert in alerts:
        says, advice = explain_incident(alert)
        yield format_labelled(alert.flow or _("installation"), says)
        yield "  " + _("since {since}, reason {code}").format(since=format_moment(alert.since), code=alert.code)
        yield f"  → {advice}"


def _iter_over(alerts: tuple[Incident, ...]) -> Iterator[str]:
    for alert in alerts:
        words = _("Resolved, after lasting since {since}: {what}")
        what = explain_incident(alert)[0]
        told = words.format(since=format_moment(alert.since), what=what)
        yield format_labelled(alert.flow or _("installation"), told)


def explain_incident(alert: Incident) -> tuple[str, str]:
    """Return what is wrong and what to do: of a flow that waits, the reason for which it does."""
    because = alert.details.get(BECAUSE, "")
    # foreign words (names of columns) on one line each, short, nothing unseen
    details = {name: show_name(text) for name, text in alert.details.items()}
    return explain(because if because in REASONS else alert.code, details)
