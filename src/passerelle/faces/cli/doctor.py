"""`passerelle doctor`: check versions, settings, rights, clock, database and reachability."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from passerelle.engine.examining import Severity, examine_workspace
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from passerelle.engine.examining import HealthFinding


@translated.command(
    "doctor",
    help=N_("Check what a run needs, and say what to do about what is wrong. Changes nothing at the other side."),
    examples=(
        ("doctor", N_("everything")),
        ("doctor --offline", N_("without the network")),
    ),
)
@translated.option("--offline", is_flag=True, help=N_("Leave out what needs the network."))
@answer_format
@pass_invocation
def command(invocation: Invocation, *, offline: bool) -> Exit:
    """Examine a workspace, and answer with every finding."""
    findings = list(examine_workspace(invocation.settings, offline=offline))
    contents = [{"about": title, **asdict(finding)} for title, finding in findings]
    text = "\n".join(_format_finding(title, finding) for title, finding in findings)
    invocation.answer("doctor", {"findings": contents}, lambda: text)
    return Exit.USAGE if any(finding.verdict is Severity.WRONG for _title, finding in findings) else Exit.SETTLED


_MARKS = {Severity.GOOD: N_("good"), Severity.DOUBTFUL: N_("doubtful"), Severity.WRONG: N_("WRONG")}


def _format_finding(title: str, finding: HealthFinding) -> str:
    advice = f"\n  → {finding.advice}" if finding.advice else ""
    return f"{_(_MARKS[finding.verdict]):<10} {format_labelled(_(title), finding.says)}{advice}"
