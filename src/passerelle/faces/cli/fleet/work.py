"""`passerelle fleet work`: be one of the workers, until a signal comes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.fleet.queue_library import refuse_missing_library
from passerelle.faces.cli.fleet.served import open_served
from passerelle.faces.cli.invocation import Invocation, organisation_option, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.telling import tell_what_stops
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from passerelle.engine.settings.fleet_settings import FleetSettings
    from passerelle.fleet.health_page import HealthPage
    from passerelle.fleet.workspaces import OpenWorkspaces
    from passerelle.stores.fleet_counts import FleetState


@translated_click.command(
    "work",
    help=N_(
        "Take turns of flows as they come due, on as many machines as you like. A signal (SIGTERM, Ctrl-C) ends it "
        "within ten seconds: batches in hand are settled, and what is left is another worker's. With the settings of "
        "an installation, one worker serves all its organisations, each under its own key, none before its turn."
    ),
    examples=(
        ("fleet work", N_("two turns at the same time")),
        ("fleet work --turns 8", N_("more, on a larger machine")),
        ("fleet work --poll", N_("behind a pooler of transactions, which passes no notifications on")),
        ("fleet work --health 9090", N_("a page for a supervisor and figures for a monitor")),
    ),
)
@translated_click.option(
    "--turns",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    metavar="N",
    help=N_("Turns at the same time."),
)
@translated_click.option(
    "--poll",
    is_flag=True,
    help=N_("Look at the queue each second instead of being told: where a pooler of transactions is in front."),
)
@translated_click.option(
    "--health",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    help=N_("Answer /sante and /metrics on this port of this machine, in counts alone; 0: any that is free."),
)
@organisation_option
@pass_invocation
def command(invocation: Invocation, turns: int, health: int | None, *, poll: bool) -> Exit:
    """Work until a signal comes."""
    with tell_what_stops(invocation), refuse_missing_library():
        from passerelle.engine.clock import SystemClock  # noqa: PLC0415  kept out of start-up
        from passerelle.fleet.worker import Worker, WorkerPlan  # noqa: PLC0415  see above

        with ExitStack() as stack:
            engine, workspaces, rules = stack.enter_context(open_served(invocation, turns))
            worker = Worker(engine, workspaces, SystemClock(), WorkerPlan(rules, turns, listens=not poll))
            if health is not None:
                from passerelle.fleet.health_page import serve_health  # noqa: PLC0415  see above

                page = _make_page(engine, workspaces, rules)
                port = stack.enter_context(serve_health(page, "127.0.0.1", health))
                show(_("Health: {address}").format(address=f"http://127.0.0.1:{port}/sante"))
            show(_("Working. Ctrl-C ends it."))
            return Exit.SETTLED if worker.work() else Exit.WAITING


def _make_page(engine: Engine, workspaces: OpenWorkspaces, rules: FleetSettings) -> HealthPage:
    from passerelle.faces.report.fleet_counts import write_series  # noqa: PLC0415  see above
    from passerelle.fleet.fleet_state import read_states, read_total  # noqa: PLC0415  see above
    from passerelle.fleet.health_page import HealthPage  # noqa: PLC0415  see above

    def read() -> Mapping[str, FleetState]:
        return read_states(engine, rules, sorted(workspaces.openings))

    return HealthPage(lambda: read_total(engine, rules, read()), lambda: write_series(read()))
