"""The state of a workspace as a mail: a subject that says what is pressing, the text of `status`, and the page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from passerelle.engine.incidents.incident_words import IncidentText
from passerelle.faces.report import flow_status, status_page
from passerelle.vocabulary.formatting import format_count, format_labelled, show_name
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.health.workspace_status import WorkspaceStatus


def write_mail(status: WorkspaceStatus, *, place: str) -> IncidentText:
    """Write the mail; `place` names the installation, where there are several. It holds no value."""
    name = f"Passerelle ({show_name(place)})" if place else "Passerelle"
    subject = format_labelled(name, ", ".join(_iter_states(status)))
    return IncidentText(subject, flow_status.format_all(status), status_page.write(status, place=place))


def _iter_states(status: WorkspaceStatus) -> Iterator[str]:
    """Yield how many flows are in which state, the number of those in service included, and what waits in all."""
    for state, count in Counter(map(status_page.name_state, status.flows)).items():
        yield f"{format_count(count)} {state}"
    if waiting := sum(flow.waiting.count for flow in status.flows):
        words = translate_plural("{count} record waits", "{count} records wait", waiting)
        yield words.format(count=format_count(waiting))
    if not status.flows:
        yield _("no flow is described")
