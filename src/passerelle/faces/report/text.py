"""A check report as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.report.findings import Finding, drifts, findings, summary
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from passerelle.engine.checking import CheckReport


def write(report: CheckReport) -> str:
    """Write the report, one paragraph a cause."""
    blocks = [" ".join(summary(report))]
    if changed := drifts(report):
        blocks.append("\n".join([_("Columns"), *(f"  {line}" for line in changed)]))
    blocks += [_paragraph(finding) for finding in findings(report)]
    return "\n\n".join(blocks)


def _paragraph(finding: Finding) -> str:
    head = f"{finding.count} × {finding.fate}  [{finding.code}]"
    lines = [head, f"  {finding.about}" if finding.about else "", f"  {finding.says}"]
    lines.append(f"  {finding.places}" if finding.places else "")
    lines.append(f"  → {finding.advice} ({finding.concerns})")
    return "\n".join(line for line in lines if line)
