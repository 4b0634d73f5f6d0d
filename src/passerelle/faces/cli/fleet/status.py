"""`passerelle fleet status`: count the flows that are due, the turns in hand and the workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.fleet.queue_library import refuse_missing_library
from passerelle.faces.cli.fleet.served import open_served
from passerelle.faces.cli.invocation import (
    Invocation,
    format_document,
    organisation_option,
    pass_invocation,
    write_answer,
)
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.safe_files import OWNER, SHARED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.stores.fleet_counts import FleetState


@translated_click.command(
    "status",
    help=N_(
        "Count flows, turns, bells and workers, of each organisation; no name of a flow. 1 when somebody should look: "
        "flows are stranded, turns failed, or something is due and nobody works."
    ),
    examples=(
        ("fleet status", N_("for people")),
        ("fleet status --format json", N_("for a program")),
        ("fleet status --format prometheus --output flotte.prom", N_("figures for a monitor")),
    ),
)
@translated_click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "prometheus"]),
    default="text",
    show_default=True,
    help=N_("Text for people, JSON for programs, figures for a Prometheus monitor."),
)
@translated_click.option(
    "--output",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write the answer there instead of showing it."),
)
@organisation_option
@pass_invocation
def command(invocation: Invocation, form: str, output: Path | None) -> Exit:
    """Count, and answer."""
    invocation.form = form
    with refuse_missing_library(), open_served(invocation) as (engine, workspaces, rules):
        from passerelle.fleet.fleet_state import read_states, read_total  # noqa: PLC0415  kept out of start-up

        states = read_states(engine, rules, sorted(workspaces.openings))
        total = read_total(engine, rules, states)
    is_alone = invocation.has_settings
    write_answer(output, _write(form, total, states, is_alone=is_alone), SHARED if form == "prometheus" else OWNER)
    return Exit.ASIDE if any(state.needs_somebody for state in states.values()) else Exit.SETTLED


def _write(form: str, total: FleetState, states: Mapping[str, FleetState], *, is_alone: bool) -> str:
    from passerelle.faces.report import fleet_counts as report  # noqa: PLC0415  kept out of start-up

    match form:
        case "json" if is_alone:
            return format_document("fleet.status", report.to_content(total))
        case "json":
            each = [{"organisation": name, **report.to_content(state)} for name, state in states.items()]
            return format_document("organisations.fleet.status", {**report.to_content(total), "organisations": each})
        case "prometheus":
            return report.write_series(states)
        case _:
            return report.format_state(total) if is_alone else report.format_states(total, states)
