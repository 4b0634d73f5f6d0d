"""A check report as one HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from passerelle.faces.report.findings import drifts, findings, summary
from passerelle.vocabulary.language import _, current

if TYPE_CHECKING:
    from passerelle.engine.checking import CheckReport


def write(report: CheckReport, *, title: str) -> str:
    """Write the page. `title` names what was checked; everything is escaped."""
    return _template().render(
        _=_,
        language=current(),
        title=title,
        connector=report.connector,
        summary=summary(report),
        drifts=drifts(report),
        findings=findings(report),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("passerelle.faces.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("check.html.jinja")
