"""`passerelle doctor`: check versions, settings, rights, clock, database and reachability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.health.findings import Severity
from passerelle.engine.health.health_checks import examine_workspace
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, organisation_option, pass_invocation
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.engine.health.findings import HealthFinding

MARKS = {Severity.GOOD: N_("good"), Severity.DOUBTFUL: N_("doubtful"), Severity.WRONG: N_("WRONG")}


@translated_click.command(
    "doctor",
    help=N_("Check what a run needs, and say what to do about what is wrong. Changes nothing at the other side."),
    examples=(
        ("doctor", N_("everything")),
        ("doctor --offline", N_("without the network")),
    ),
)
@translated_click.option("--offline", is_flag=True, help=N_("Leave out what needs the network."))
@organisation_option
@answer_format
@pass_invocation
def command(invocation: Invocation, *, offline: bool) -> Exit:
    """Examine a workspace, and answer with every finding."""
    if installation := invocation.find_installation():
        from passerelle.faces.cli.over_all import examine_all  # noqa: PLC0415  most have one organisation

        return examine_all(invocation, installation, offline=offline)
    findings = list(examine_workspace(invocation.read_settings, offline=offline))
    contents = [describe_finding(title, finding) for title, finding in findings]
    invocation.answer("doctor", {"findings": contents}, lambda: "\n".join(format_findings(findings)))
    return Exit.USAGE if any(finding.severity is Severity.WRONG for _title, finding in findings) else Exit.SETTLED


def describe_finding(title: str, finding: HealthFinding) -> dict[str, str]:
    """Return one finding of `passerelle.doctor/1`."""
    return {"about": title, "verdict": finding.severity, "says": finding.sentence, "advice": finding.advice}


def format_findings(findings: Iterable[tuple[str, HealthFinding]]) -> list[str]:
    """Write findings, each with what to do about it."""
    lines = []
    for title, finding in findings:
        lines.append(f"{_(MARKS[finding.severity]):<10} {format_labelled(_(title), finding.sentence)}")
        if finding.advice:
            lines.append(f"  → {finding.advice}")
    return lines
