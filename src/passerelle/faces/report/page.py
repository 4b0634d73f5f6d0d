"""A check report as one HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.documents.templates import get_template
from passerelle.faces.report.findings import format_drifts, format_findings, format_summary
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from passerelle.engine.rehearsal.file_check import CheckReport


def write(report: CheckReport, *, title: str) -> str:
    """Write the page. `title` names what was checked; everything is escaped."""
    # the template escapes by itself: names of columns come from the file, and may hold markup
    return get_template("faces/report/check.html.jinja").render(
        _=_,
        language=get_current(),
        title=title,
        connector=report.connector,
        summary=format_summary(report),
        drifts=format_drifts(report),
        findings=format_findings(report),
    )
