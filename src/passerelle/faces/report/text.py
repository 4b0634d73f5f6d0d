"""A check report as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.report.findings import format_drifts, format_findings, format_summary
from passerelle.vocabulary.formatting import format_count, format_labelled, show_name
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from passerelle.engine.rehearsal.file_check import CheckReport


def write(report: CheckReport) -> str:
    """Write the report, one paragraph a cause."""
    blocks = [" ".join(format_summary(report))]
    if changed := format_drifts(report):
        blocks.append("\n".join([_("Columns"), *(f"  {line}" for line in changed)]))
    for cause in format_findings(report):
        lines = [
            f"{cause.count} × {cause.fate}  [{cause.code}]",
            f"  {cause.about}" if cause.about else "",
            f"  {cause.says}",
            f"  {cause.places}" if cause.places else "",
            f"  → {cause.advice} ({cause.concerns})",
        ]
        blocks.append("\n".join(line for line in lines if line))
    return "\n\n".join(blocks)


def write_unread(report: CheckReport) -> str:
    """Write what the file holds and the connector leaves unread on purpose, a line each, with its values."""
    # a declared pattern meets names that nobody at home wrote
    lines = [
        format_labelled(f"  {show_name(name)} ({format_count(entry.values)})", entry.reason)
        for name, entry in sorted(report.unread.items())
    ]
    return "\n".join([_("Left unread on purpose (values in the file)"), *(lines or [f"  {_('nothing')}"])])
