"""`passerelle run`: take everything that waits across, then end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from passerelle.engine import stopwatch
from passerelle.engine.runs.running import run_flows, select_flows
from passerelle.engine.settings.processing_check import find_gaps
from passerelle.engine.workspace.assembly import JOBS
from passerelle.faces import json_forms
from passerelle.faces.cli import profiling, translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.due import answer_nothing_due, choose_due
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, organisation_option, pass_invocation
from passerelle.faces.cli.progress import watch_flows
from passerelle.faces.cli.telling import tell_what_stops
from passerelle.faces.report import flow_outcome, notices
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.runs.running import RunReport
    from passerelle.engine.settings.processing_check import ProcessingGap
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.errors import PasserelleError


@translated_click.command(
    "run",
    help=N_(
        "Collect what the sources have, translate, validate and deliver it, and account for every row. "
        "Running twice changes nothing; a run that was cut off is finished by the next one."
    ),
    examples=(
        ("run", N_("every flow that is enabled")),
        ("run visites contacts", N_("these two only")),
        ("run --due", N_("those whose schedule says so: for a timer that comes often")),
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
@translated_click.option(
    "--due",
    "only_due",
    is_flag=True,
    help=N_("Only those that are due by their «schedule»; one without a schedule always is."),
)
@translated_click.option("--profile", is_flag=True, help=N_("Say how long each stage took."))
@organisation_option
@answer_format
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...], jobs: int, *, only_due: bool, profile: bool) -> Exit:
    """Run flows one after the other; one that is suspended or waits does not keep the others from going on."""
    if installation := invocation.find_installation():
        from passerelle.faces.cli.over_all import refuse_flows, run_all  # noqa: PLC0415  most have one organisation

        refuse_flows(invocation, flows)
        return run_all(invocation, installation, send_report, only_due=only_due, jobs=jobs)
    with tell_what_stops(invocation):
        return _run(invocation, flows, jobs, only_due=only_due, is_profiled=profile)


def _run(invocation: Invocation, flows: tuple[str, ...], jobs: int, *, only_due: bool, is_profiled: bool) -> Exit:
    # before the workspace is opened: a wrong name must not wait for a lock, nor leave a journal behind
    names = select_flows(invocation.read_settings(), flows)
    with invocation.open_workspace() as workspace, stopwatch.measure_run() as watch:
        if only_due:
            names, following = choose_due(workspace, names)
            if not names:
                return answer_nothing_due(invocation, following)
        report = run_flows(workspace, names, jobs=jobs, watch=watch_flows())
        unsent = send_report(workspace, report)
        settings, today = workspace.settings.flows, workspace.clock.now().date()
        gaps = {name: find_gaps(flow, workspace.plugins, today) for name, flow in settings.items()}
    content = describe_report(report, gaps, unsent)
    texts = format_report(report, gaps, unsent)
    if is_profiled:
        content["profile"] = profiling.to_content(watch)
        texts.append(profiling.format_text(watch))
    invocation.answer("run", content, lambda: "\n\n".join(texts))
    return Exit(report.state)


def describe_report(
    report: RunReport, gaps: Mapping[str, Sequence[ProcessingGap]], unsent: Sequence[PasserelleError]
) -> dict[str, Any]:
    """Return a run as `passerelle.run/1` has it."""
    return {
        "flows": [flow_outcome.to_content(outcome, gaps[outcome.flow]) for outcome in report.outcomes],
        "notices": notices.describe_run_notices(report.notices),
        "audit_head": report.audit_head,
        "unsent": [json_forms.describe_cause(error.code, error.words) for error in unsent],
        "exit": int(report.state),
    }


def format_report(
    report: RunReport, gaps: Mapping[str, Sequence[ProcessingGap]], unsent: Sequence[PasserelleError]
) -> list[str]:
    """Write a run: each flow, what concerns the whole, and what could not be sent."""
    texts = [flow_outcome.format_text(outcome, gaps[outcome.flow]) for outcome in report.outcomes]
    texts = texts or [_("No flow to run.")]
    texts += notices.iter_run_notices(report.notices)
    texts += [f"{says}\n  → {advice}" for says, advice in (explain(error.code, error.words) for error in unsent)]
    if not report.audit_head.startswith("0:"):  # an empty trail cannot be cut
        texts.append(_("Audit trail, to be kept elsewhere: {head}").format(head=report.audit_head))
    return texts


def send_report(workspace: Workspace, report: RunReport) -> Sequence[PasserelleError]:
    """Inform people and the collector of a run; return what could not be sent."""
    # Subscribers first: one that took nothing for too long is told of with the rest.
    if any(flow.shelf_days is not None for flow in workspace.settings.flows.values()):
        from passerelle.engine.api.event_sending import notify_subscribers  # noqa: PLC0415  see `_tell`

        notify_subscribers(workspace)
    return [*_tell(workspace, report), *_send_figures(workspace)]


def _tell(workspace: Workspace, report: RunReport) -> Sequence[PasserelleError]:
    """Inform whoever the settings name; a run does its work whether or not that succeeds."""
    if not workspace.settings.notify.channels:
        return ()
    from passerelle.engine.incidents.alerting import tell  # noqa: PLC0415  most runs tell nobody, and start faster

    return tell(workspace, report)


def _send_figures(workspace: Workspace) -> Sequence[PasserelleError]:
    """Send the figures of all flows to the collector of the settings; a run has done its work whether it takes them."""
    if workspace.settings.metrics.endpoint is None:
        return ()
    from passerelle.faces.report.sent_figures import send_figures  # noqa: PLC0415  see `_tell`

    return send_figures(workspace)
