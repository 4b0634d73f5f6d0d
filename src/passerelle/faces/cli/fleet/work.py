"""`passerelle fleet work`: be one of the workers, until a signal comes."""

from __future__ import annotations

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.fleet.queue_library import refuse_missing_library
from passerelle.faces.cli.fleet.served import open_served
from passerelle.faces.cli.invocation import Invocation, organisation_option, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.telling import tell_what_stops
from passerelle.vocabulary.language import N_, _


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
@organisation_option
@pass_invocation
def command(invocation: Invocation, turns: int, *, poll: bool) -> Exit:
    """Work until a signal comes."""
    with tell_what_stops(invocation), refuse_missing_library():
        from passerelle.engine.clock import SystemClock  # noqa: PLC0415  kept out of start-up
        from passerelle.fleet.worker import Worker, WorkerPlan  # noqa: PLC0415  see above

        with open_served(invocation, turns) as (engine, workspaces, rules):
            worker = Worker(engine, workspaces, SystemClock(), WorkerPlan(rules, turns, listens=not poll))
            show(_("Working. Ctrl-C ends it."))
            return Exit.SETTLED if worker.work() else Exit.WAITING
