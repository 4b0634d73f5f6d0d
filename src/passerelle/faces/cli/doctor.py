"""`passerelle doctor`: check versions, settings, rights, clock, database and reachability."""

from __future__ import annotations

from passerelle.engine.health.findings import Severity
from passerelle.engine.health.health_checks import examine_workspace
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import N_, _

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
@answer_format
@pass_invocation
def command(invocation: Invocation, *, offline: bool) -> Exit:
    """Examine a workspace, and answer with every finding."""
    findings = list(examine_workspace(invocation.read_settings, offline=offline))
    contents = [
        {"about": title, "verdict": finding.severity, "says": finding.sentence, "advice": finding.advice}
        for title, finding in findings
    ]
    lines = []
    for title, finding in findings:
        lines.append(f"{_(MARKS[finding.severity]):<10} {format_labelled(_(title), finding.sentence)}")
        if finding.advice:
            lines.append(f"  → {finding.advice}")
    invocation.answer("doctor", {"findings": contents}, lambda: "\n".join(lines))
    return Exit.USAGE if any(finding.severity is Severity.WRONG for _title, finding in findings) else Exit.SETTLED
