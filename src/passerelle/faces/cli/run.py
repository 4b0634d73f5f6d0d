"""`passerelle run`: take everything that waits across, then end."""

from __future__ import annotations

from typing import Any

import click

from passerelle.engine import stopwatch
from passerelle.engine.assembly import JOBS
from passerelle.engine.running import run_flows, select_flows
from passerelle.faces.cli import profiling, translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.progress import watch_flows
from passerelle.faces.report import flow_outcome, notices
from passerelle.vocabulary.language import N_, _


@translated_click.command(
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
@translated_click.argument(
    "flows",
    nargs=-1,
    metavar=N_("[FLOW]..."),
    help=N_("Flows to run; all that are enabled."),
    shell_complete=complete_flow,
)
@translated_click.option(
    "--jobs",
    type=click.IntRange(1, 8),
    default=JOBS,
    show_default=True,
    metavar="N",
    help=N_("Batches in work at the same time; each takes memory. 1: one after the other."),
)
@translated_click.option("--profile", is_flag=True, help=N_("Say how long each stage took."))
@answer_format
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...], jobs: int, *, profile: bool) -> Exit:
    """Run flows one after the other; one that is suspended or waits does not keep the others from going on."""
    # before the workspace is opened: a wrong name must not wait for a lock, nor leave a journal behind
    names = select_flows(invocation.read_settings(), flows)
    with invocation.open_workspace() as workspace, stopwatch.measure_run() as watch:
        report = run_flows(workspace, names, jobs=jobs, watch=watch_flows())
    code = Exit(report.state)
    content: dict[str, Any] = {
        "flows": [flow_outcome.to_content(outcome) for outcome in report.outcomes],
        "notices": notices.describe_run_notices(report.notices),
        "exit": code.value,
    }
    texts = [flow_outcome.format_text(outcome) for outcome in report.outcomes] or [_("No flow to run.")]
    texts += notices.iter_run_notices(report.notices)
    if profile:
        content["profile"] = profiling.to_content(watch)
        texts.append(profiling.format_text(watch))
    invocation.answer("run", content, lambda: "\n\n".join(texts))
    return code
