"""`passerelle doctor`: check versions, settings, rights, clock, database and reachability."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from passerelle.faces.cli import examinations, translated
from passerelle.faces.cli.examinations import Finding, Verdict
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing to look at; what it raises of ours is what it found."""

    title: str
    look: Callable[[Invocation], Iterator[Finding]]
    needs_settings: bool = True
    needs_network: bool = False


EXAMINATIONS = (
    Examination(N_("versions"), examinations.versions, needs_settings=False),
    Examination(N_("settings"), examinations.settings, needs_settings=False),
    Examination(N_("secrets"), examinations.secrets),
    Examination(N_("rights"), examinations.rights),
    Examination(N_("clock"), examinations.clock, needs_settings=False),
    Examination(N_("database"), examinations.database),
    Examination(N_("reachability"), examinations.reachability, needs_network=True),
)


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
    """Examine, and answer with every finding."""
    found: list[tuple[str, Finding]] = []
    for examination in EXAMINATIONS:
        if (examination.needs_network and offline) or (examination.needs_settings and not invocation.has_settings):
            continue
        found += [(examination.title, finding) for finding in _look(examination, invocation)]
    contents = [{"about": title, **asdict(finding)} for title, finding in found]
    text = "\n".join(_line(title, finding) for title, finding in found)
    invocation.answer("doctor", {"findings": contents}, lambda: text)
    return Exit.USAGE if any(finding.verdict is Verdict.WRONG for _title, finding in found) else Exit.SETTLED


def _look(examination: Examination, invocation: Invocation) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings.extend(examination.look(invocation))
    except PasserelleError as error:
        findings.append(examinations.wrong(error))
    return findings


_MARKS = {Verdict.GOOD: N_("good"), Verdict.DOUBTFUL: N_("doubtful"), Verdict.WRONG: N_("WRONG")}


def _line(title: str, finding: Finding) -> str:
    advice = f"\n  → {finding.advice}" if finding.advice else ""
    return f"{_(_MARKS[finding.verdict]):<10} {format_labelled(_(title), finding.says)}{advice}"
