"""`passerelle work`: work for several organisations, each flow in its turn, until it is told to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.invocation import Invocation, answer_format, organisation_option, pass_invocation
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from passerelle.faces.cli.exits import Exit


@translated_click.command(
    "work",
    help=N_(
        "Work for the organisations of an installation: run a flow when its schedule says so, when a file arrived in "
        "its folder, or when what waited may be tried again. Each flow has its turn, a slice at a time: a large one "
        "makes no other wait for its end. May be started several times. A signal (SIGTERM, Ctrl-C) ends it after the "
        "batch in hand."
    ),
    examples=(
        ("work", N_("for all of them, until a signal")),
        ("work --once", N_("from a timer: what is due now, then end")),
        ("work --organisation una-35 --organisation admr-81", N_("for two of them")),
    ),
)
@organisation_option
@translated_click.option("--once", is_flag=True, help=N_("Work on what is due now, then end."))
@translated_click.option(
    "--every",
    type=click.IntRange(1, 3_600),
    default=60,
    show_default=True,
    metavar="N",
    help=N_("Seconds between two looks."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, every: int, *, once: bool) -> Exit:
    """Work until a signal comes, or once."""
    from passerelle.faces.cli.turns import work_in_turns  # noqa: PLC0415  help does without it

    return work_in_turns(invocation, invocation.read_installation(), once=once, every=every)
