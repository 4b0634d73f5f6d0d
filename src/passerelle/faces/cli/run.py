"""`passerelle run`: take everything that waits across, then end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from passerelle.engine import stopwatch
from passerelle.engine.assembly import JOBS
from passerelle.engine.housekeeping import tidy
from passerelle.engine.log import log
from passerelle.engine.worker import FlowOutcome, run_flow
from passerelle.faces import json_forms
from passerelle.faces.cli import profiling, translated
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit, of_balance
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.progress import watching
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.assembly import House
    from passerelle.engine.settings import Settings


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
    settings = invocation.settings()
    names = wanted(settings, flows)
    with invocation.house() as house, stopwatch.watching() as watch:
        outcomes = _run_all(house, names, jobs)
    code = exit_of(outcomes)
    content: dict[str, Any] = {"flows": [_content(outcome) for outcome in outcomes], "exit": code.value}
    texts = [_text(outcome) for outcome in outcomes] or [_("No flow to run.")]
    if profile:
        content["profile"] = profiling.content(watch)
        texts.append(profiling.text(watch))
    invocation.answer("run", content, lambda: "\n\n".join(texts))
    return code


def wanted(settings: Settings, flows: Sequence[str]) -> list[str]:
    """Give the flows asked for, each once; a disabled flow runs only when it is named."""
    if flows:
        return list(dict.fromkeys(settings.flow(name).name for name in flows))
    return [name for name, flow in settings.flows.items() if flow.enabled]


def _run_all(house: House, names: Sequence[str], jobs: int) -> list[FlowOutcome]:
    run = house.journal.begin_run(names, house.clock.now())
    log("run_started", run=run, flows=len(names))
    outcomes: list[FlowOutcome] = []
    ended = "stopped"
    try:
        with watching() as progress:
            for name in names:
                outcomes.append(run_flow(house, name, run=run, progress=progress, jobs=jobs))  # noqa: PERF401  kept when one raises
        tidy(house)
        ended = exit_of(outcomes).name.lower()
    finally:
        house.journal.end_run(run, ended, house.clock.now())
    log("run_ended", run=run, exit=int(exit_of(outcomes)), **_log_figures(outcomes))
    return outcomes


def _log_figures(outcomes: Sequence[FlowOutcome]) -> dict[str, int]:
    total = sum((outcome.balance for outcome in outcomes), Balance())
    return {"received": total.received, **{fate.value: number for fate, number in total.fates.items()}}


def exit_of(outcomes: Sequence[FlowOutcome]) -> Exit:
    """Say how a run ended as a whole: the most pressing of what its flows need."""
    if any(outcome.suspended for outcome in outcomes):
        return Exit.SUSPENDED
    if any(outcome.waiting for outcome in outcomes):
        return Exit.WAITING
    if any(outcome.parked for outcome in outcomes):
        return Exit.ASIDE
    return max((of_balance(outcome.balance) for outcome in outcomes), default=Exit.SETTLED)


def _content(outcome: FlowOutcome) -> dict[str, Any]:
    return {
        "flow": outcome.flow,
        "balance": json_forms.balance(outcome.balance),
        "parcels": {"settled": outcome.settled, "parked": outcome.parked, "waiting": outcome.waiting},
        "waiting_until": outcome.waiting_until.isoformat() if outcome.waiting_until else None,
        "suspended": json_forms.cause(outcome.suspended, {}) if outcome.suspended else None,
        "trouble": json_forms.cause(outcome.trouble, {}) if outcome.trouble else None,
    }


def _text(outcome: FlowOutcome) -> str:
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
