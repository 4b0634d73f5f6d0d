"""`passerelle run`: take everything that waits across, then end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from passerelle.engine import stopwatch
from passerelle.engine.assembly import JOBS
from passerelle.engine.running import run_flows, select_flows
from passerelle.engine.worker import FlowOutcome
from passerelle.faces import json_forms
from passerelle.faces.cli import profiling, translated
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.progress import watching
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from passerelle.engine.worker import FlowOutcome


@translated.command(
    "run",
    help=N_(
        "Collect what the sources have, translate, validate and deliver it, and account for every row. "
        "Running twice changes nothing; a run that was cut off is finished by the next one."
    ),
    examples=(
        ("run", N_("every flow that is enabled")),
        ("run visites contacts", N_("these two only")),
        ("run --format json", N_("for a scheduler that reads the figures")),
        ("run --profile", N_("and say where the time went")),
    ),
)
@translated.argument(
    "flows",
    nargs=-1,
    metavar=N_("[FLOW]..."),
    help=N_("Flows to run; all that are enabled."),
    shell_complete=complete_flow,
)
@translated.option(
    "--jobs",
    type=click.IntRange(1, 8),
    default=JOBS,
    show_default=True,
    metavar="N",
    help=N_("Batches in work at the same time; each takes memory. 1: one after the other."),
)
@translated.option("--profile", is_flag=True, help=N_("Say how long each stage took."))
@answer_format
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...], jobs: int, *, profile: bool) -> Exit:
    """Run flows one after the other; one that is suspended or waits does not keep the others from going on."""
    names = select_flows(invocation.settings(), flows)
    with invocation.house() as workspace, stopwatch.measure_run() as watch:
        report = run_flows(workspace, names, jobs=jobs, watch=watching())
    code = Exit(report.state)
    content: dict[str, Any] = {"flows": [_to_content(outcome) for outcome in report.outcomes], "exit": code.value}
    texts = [_format_text(outcome) for outcome in report.outcomes] or [_("No flow to run.")]
    if profile:
        content["profile"] = profiling.content(watch)
        texts.append(profiling.text(watch))
    invocation.answer("run", content, lambda: "\n\n".join(texts))
    return code


def _to_content(outcome: FlowOutcome) -> dict[str, Any]:
    return {
        "flow": outcome.flow,
        "balance": json_forms.balance(outcome.balance),
        "parcels": {"settled": outcome.settled, "parked": outcome.parked, "waiting": outcome.waiting},
        "waiting_until": outcome.waiting_until.isoformat() if outcome.waiting_until else None,
        "suspended": json_forms.cause(outcome.suspended, {}) if outcome.suspended else None,
        "trouble": json_forms.cause(outcome.trouble, {}) if outcome.trouble else None,
    }


def _format_text(outcome: FlowOutcome) -> str:
    lines = [outcome.flow, f"  {labels.sum_of(outcome.balance)}"]
    if outcome.balance.withheld_values:
        words = _("values that the purpose does not need, not delivered: {count}")
        lines.append("  " + words.format(count=format_count(outcome.balance.withheld_values)))
    if outcome.parked:
        lines.append("  " + _("parcels parked: {count}").format(count=format_count(outcome.parked)))
    if outcome.waiting:
        until = format_moment(outcome.waiting_until)
        lines.append("  " + _("parcels waiting: {count} (until {until})").format(count=outcome.waiting, until=until))
    for code in filter(None, (outcome.suspended, outcome.trouble)):
        says, advice = explain(code, {})
        lines += [f"  {says}", f"  → {advice}"]
    if outcome.suspended:
        lines.append("  → " + _("Then: {command}").format(command=f"passerelle flow resume {outcome.flow}"))
    if outcome.balance.aside > outcome.balance.fates.get(Fate.WITHHELD, 0):
        lines.append("  → passerelle quarantine list --flow " + outcome.flow)
    return "\n".join(lines)
